// SPDX-License-Identifier: Apache-2.0
#include "hosting/metric_table.h"

#include "berth/abi.h"

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxMetrics = 256;

}  // namespace

void MetricTable::take(std::uint32_t kind, std::string_view name, double value) {
  const Lock lock(mutex_);
  auto found = values_.find(name);
  if (found == values_.end()) {
    if (values_.size() == kMaxMetrics) return;
    found = values_.emplace(name, 0).first;
  }
  found->second = kind == BERTH_COUNTER ? found->second + value : value;
}

std::map<std::string, double, std::less<>> MetricTable::values() const {
  const Lock lock(mutex_);
  return values_;
}

}  // namespace berth::hosting
