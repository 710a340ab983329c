// SPDX-License-Identifier: Apache-2.0
// Mapping: a part of a process's memory that a file stands behind, as /proc/PID/maps tells of it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace berth::hosting {

struct Mapping {
  std::uint64_t start = 0, end = 0;  // addresses; `end` is the first behind it
  std::uint64_t offset = 0;          // of its start, in the file
  std::string_view path;             // points into the text that was read
};

// The mappings of files that `maps` tells of, up to some thousands of them. Lines that make no sense are left out.
// [any]
std::vector<Mapping> read_mappings(std::string_view maps);

}  // namespace berth::hosting
