// SPDX-License-Identifier: Apache-2.0
// Samples: the files that a model's calls are made with.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hosting/call.h"

namespace berth::conformance {

struct Sample {
  hosting::File file;
  std::string url = {};  // under which the file is fetched
};

struct Samples {
  std::vector<Sample> each;  // at least one
  bool made_up = false;      // nobody gave any, so it is a small PNG

  // What a URL stands for; the first one for a URL that none has.
  const hosting::File& fetched(std::string_view url) const;
};

// The given files, or else those of the package: in its samples/, in the samples/ beside it, and what its self_test
// names, each once; or else one that is made up. Fails where a given file cannot be read.
Result<Samples> find_samples(const std::vector<std::filesystem::path>& given, const std::filesystem::path& package);

}  // namespace berth::conformance
