// SPDX-License-Identifier: Apache-2.0
// Usage: what a worker takes of the machine at one moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace berth::hosting {

struct Usage {
  std::uint64_t memory_bytes = 0;  // that no file holds, shared memory included
  std::uint64_t threads = 0;
  std::chrono::nanoseconds cpu{0};  // of all its threads, since it began
};
// None: it is gone. [any]
std::optional<Usage> usage_of(int pid);

// Of a folder with all that is below; the largest number there is where it holds more than a few thousand files, which
// would take too long to look at. [any, blocks for milliseconds]
std::uint64_t bytes_below(const std::filesystem::path& folder);

}  // namespace berth::hosting
