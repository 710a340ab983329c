// SPDX-License-Identifier: Apache-2.0
// Statistics: what became of a model's calls, counted and timed as Triton's statistics extension and Prometheus want
// it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "hosting/call.h"

namespace berth::hosting {

// Counted from the moment that a model serves: what it did to show that it can is forgotten. Many threads write at
// once, none waits for another; what is read meanwhile may hold a call in one figure and not yet in the next. [any]
class Statistics {
 public:
  // The classes of durations of successful calls: at most so many nanoseconds each, the last whatever is longer.
  static constexpr std::array<std::uint64_t, 14> kBoundsNs{
      1'000'000,   2'500'000,   5'000'000,     10'000'000,    25'000'000,    50'000'000,     100'000'000,
      250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000};
  static constexpr std::size_t kCodes = static_cast<std::size_t>(Code::internal) + 1;

  // What a worker was given at once: `size` calls, done `count` times.
  struct Executions {
    std::size_t size = 0;
    std::uint64_t count = 0;
    Timings total = {};  // queue_ns is 0: calls wait, executions do not
  };

  struct Report {
    std::uint64_t succeeded = 0;
    std::uint64_t success_ns = 0;  // from the request's checks to its answer
    std::uint64_t failed = 0;
    std::uint64_t failure_ns = 0;
    Timings total = {};                                            // of those that succeeded
    std::chrono::system_clock::time_point last_success = {};       // the epoch: none yet
    std::array<std::uint64_t, kCodes> failures = {};               // by Code
    std::array<std::uint64_t, kBoundsNs.size() + 1> classes = {};  // of durations, not cumulative
    std::vector<Executions> executions = {};                       // by size; those that happened
  };

  // Executions have at least one call and at most `max_batch`.
  explicit Statistics(std::size_t max_batch);

  void count_execution(std::size_t size, std::uint64_t input_ns, std::uint64_t compute_ns);
  // What the answers of an execution of that size took after it.
  void add_output(std::size_t size, std::uint64_t output_ns);
  void count_success(const Timings& timings, std::chrono::nanoseconds total);
  void count_failure(Code code, std::chrono::nanoseconds total);

  // For a model that takes no calls yet.
  void forget();

  Report report() const;

 private:
  using Counter = std::atomic<std::uint64_t>;
  struct Times {
    Counter queue_ns = 0, input_ns = 0, compute_ns = 0, output_ns = 0;
  };
  struct Size {
    Counter count = 0;
    Times times;
  };

  Size& of_size(std::size_t size) { return sizes_[std::min(size, sizes_.size()) - 1]; }
  static Timings sum(const Times& times);

  Counter success_ns_ = 0, failure_ns_ = 0, last_success_ = 0;
  Times times_;
  std::array<Counter, kCodes> failures_ = {};
  std::array<Counter, kBoundsNs.size() + 1> classes_ = {};
  std::vector<Size> sizes_;
};

}  // namespace berth::hosting
