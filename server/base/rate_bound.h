// SPDX-License-Identifier: Apache-2.0
// RateBound: so many a second may pass; the others are counted.
#pragma once

#include <chrono>
#include <cstddef>
#include <utility>

namespace berth {

// Not for several threads at once.
class RateBound {
 public:
  using Clock = std::chrono::steady_clock;
  explicit RateBound(unsigned per_second) : per_second_(per_second) {}

  // False: there were too many in this second, and this one is counted.
  bool admits(Clock::time_point now = Clock::now()) {
    if (is_over(now)) {
      second_ = now;
      admitted_ = 0;
    }
    if (admitted_ < per_second_) return ++admitted_, true;
    ++refused_;
    return false;
  }
  // Whether the second has passed in which the last was admitted.
  bool is_over(Clock::time_point now = Clock::now()) const { return now - second_ >= std::chrono::seconds(1); }
  std::size_t refused() const { return refused_; }
  // How many were refused since this was last asked.
  std::size_t take_refused() { return std::exchange(refused_, 0); }

 private:
  const unsigned per_second_;
  Clock::time_point second_ = {};
  unsigned admitted_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace berth
