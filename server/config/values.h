// SPDX-License-Identifier: Apache-2.0
// Values: which versions of a model are served ("latest 2"), as people write it; base/units.h has sizes and durations.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::config {

struct Versions {
  std::size_t latest = 1;           // the highest so many; 0: all
  std::vector<std::string> listed;  // not empty: these
};
// "latest", "latest 3", "all", or "1, 3".
std::optional<Versions> parse_versions(std::string_view text);

}  // namespace berth::config
