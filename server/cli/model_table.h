// SPDX-License-Identifier: Apache-2.0
// The table of `berth ls`, from the JSON of GET /v2/berth/models.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::cli {

// invalid_argument: the text is not what a Berth server answers.
Result<std::string> format_models(std::string_view json);

}  // namespace berth::cli
