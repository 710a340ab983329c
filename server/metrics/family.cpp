// SPDX-License-Identifier: Apache-2.0
#include "metrics/family.h"

#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

namespace berth::metrics {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily& Families::family(std::string_view name, std::string_view help, MetricType type) {
  const auto [place, is_new] = places_.try_emplace(std::string(name), families_.size());
  if (is_new) {
    families_.push_back({.name = std::string(name), .help = std::string(help), .type = type, .metric = {}});
  }
  return families_[place->second];
}

void Families::add(std::string_view name, std::string_view help, MetricType type, const Labels& labels, double value) {
  auto& found = family(name, help, type);
  if (found.type != type) found.type = MetricType::Untyped;
  auto& metric = found.metric.emplace_back();
  metric.label = labels;
  // Which of them is said depends on the family's type.
  metric.counter.value = metric.gauge.value = metric.untyped.value = value;
}

void Families::add_counter(std::string_view name, std::string_view help, const Labels& labels, double value) {
  add(name, help, MetricType::Counter, labels, value);
}

void Families::add_gauge(std::string_view name, std::string_view help, const Labels& labels, double value) {
  add(name, help, MetricType::Gauge, labels, value);
}

void Families::add_histogram(std::string_view name, std::string_view help, const Labels& labels,
                             ClientMetric::Histogram histogram) {
  auto& metric = family(name, help, MetricType::Histogram).metric.emplace_back();
  metric.label = labels;
  metric.histogram = std::move(histogram);
}

std::string Families::text() const {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families_);
  return std::move(text).str();
}

}  // namespace berth::metrics
