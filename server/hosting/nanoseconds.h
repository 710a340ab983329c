// SPDX-License-Identifier: Apache-2.0
// nanoseconds(): a duration as Timings count it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace berth::hosting {

// Zero where it is negative. [any]
inline std::uint64_t nanoseconds(std::chrono::nanoseconds duration) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
}

}  // namespace berth::hosting
