// SPDX-License-Identifier: Apache-2.0
// Load: the same request sent over and over from some connections, and how long each answer took.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace berth::bench {

struct LoadResult {
  std::size_t answers = 0;
  std::size_t failures = 0;  // anything but 200
  double seconds = 0;
  std::vector<double> microseconds;  // one per answer, unordered

  double per_second() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
};

// Sends `request` (the bytes of one HTTP request) from `connections` connections for `duration`: each the next one once
// its answer came, or all together `per_second` of them, and then an answer's time counts from when its request was
// due.
LoadResult run_load(std::uint16_t port, const std::string& request, std::size_t connections,
                    std::chrono::milliseconds duration, double per_second = 0);

// The value below which `fraction` of the values lie; 0 where there are none.
double quantile(std::vector<double> values, double fraction);
inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

}  // namespace berth::bench
