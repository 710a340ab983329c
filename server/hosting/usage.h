// SPDX-License-Identifier: Apache-2.0
// Usage: what a worker takes of the machine at one moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace berth::hosting {

struct Usage {
  std::uint64_t memory_bytes = 0;  // that no file holds, shared memory included
  std::uint64_t threads = 0;
  std::chrono::nanoseconds cpu{0};  // of all its threads, since it began
};
// None: it is gone. [any]
std::optional<Usage> usage_of(int pid);

}  // namespace berth::hosting
