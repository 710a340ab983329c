// SPDX-License-Identifier: Apache-2.0
// Families: metric families as they are being filled, samples by name.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace berth::metrics {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// In the order in which they were first named.
class Families {
 public:
  void add_counter(std::string_view name, std::string_view help, const Labels& labels, double value);
  void add_gauge(std::string_view name, std::string_view help, const Labels& labels, double value);
  void add_histogram(std::string_view name, std::string_view help, const Labels& labels,
                     prometheus::ClientMetric::Histogram histogram);

  std::string text() const;

 private:
  prometheus::MetricFamily& family(std::string_view name, std::string_view help, prometheus::MetricType type);
  // A name that is a counter's here and a gauge's there, as plugins may have it, has no type any more.
  void add(std::string_view name, std::string_view help, prometheus::MetricType type, const Labels& labels,
           double value);

  std::vector<prometheus::MetricFamily> families_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace berth::metrics
