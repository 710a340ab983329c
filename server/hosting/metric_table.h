// SPDX-License-Identifier: Apache-2.0
// MetricTable: a model's own figures, by name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace berth::hosting {

// Bounded: a name too many is dropped, and what no metric may be: a bad name, a number that is not finite, a counter
// that goes down, a gauge of a counter's name or the other way round. [any]
class MetricTable {
 public:
  struct Metric {
    bool is_counter = false;  // what its workers said is added up; else it is what one of them said last
    double value = 0;
  };
  using Values = std::map<std::string, Metric, std::less<>>;

  void take(std::uint32_t kind, std::string_view name, double value);  // a berth_metric_kind
  Values values() const;

 private:
  mutable Mutex mutex_;
  Values values_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::hosting
