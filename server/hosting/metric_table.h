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

// Bounded: a name too many is dropped. [any]
class MetricTable {
 public:
  void take(std::uint32_t kind, std::string_view name, double value);  // a berth_metric_kind
  std::map<std::string, double, std::less<>> values() const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, double, std::less<>> values_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::hosting
