// SPDX-License-Identifier: Apache-2.0
#include "hosting/metric_table.h"

#include <cmath>

#include "berth/abi.h"
#include "worker/protocol.h"

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxMetrics = 256;

}  // namespace

void MetricTable::take(std::uint32_t kind, std::string_view name, double value) {
  // The worker's host looks at this, too; the plugin shares its process.
  const bool is_counter = kind == BERTH_COUNTER;
  if (!worker::is_metric_name(name) || !std::isfinite(value) || (is_counter && value < 0)) return;
  const Lock lock(mutex_);
  auto found = values_.find(name);
  if (found == values_.end()) {
    if (values_.size() == kMaxMetrics) return;
    found = values_.emplace(name, Metric{is_counter, 0}).first;
  }
  auto& metric = found->second;
  const double now = is_counter ? metric.value + value : value;
  if (metric.is_counter == is_counter && std::isfinite(now)) metric.value = now;
}

MetricTable::Values MetricTable::values() const {
  const Lock lock(mutex_);
  return values_;
}

}  // namespace berth::hosting
