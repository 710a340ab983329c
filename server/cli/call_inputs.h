// SPDX-License-Identifier: Apache-2.0
// CallInputs: what `berth predict` sends, read from words such as photo.png, top_k=3 and mask=@mask.png.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace berth::cli {

struct CallInputs {
  std::vector<std::pair<std::string, std::string>> values;           // argument, text
  std::vector<std::pair<std::string, std::filesystem::path>> files;  // field, file
};

// NAME=VALUE is an argument, NAME=@FILE a file for it, anything else a file for the field "data" (./a=b.png is one,
// too). invalid_argument: a file that cannot be read.
Result<CallInputs> parse_inputs(const std::vector<std::string>& words);

}  // namespace berth::cli
