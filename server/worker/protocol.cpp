// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol.h"

#include <algorithm>
#include <cctype>

namespace berth::worker {
namespace {

constexpr std::size_t kMaxMetricName = 128;

}  // namespace

void write(Writer& writer, const Load& load) {
  for (const auto text : {load.name, load.version, load.type, load.plugin, load.package, load.config_json, load.scratch,
                          load.new_package, load.data})
    writer.text(text);
  writer.number(load.spin_us);
}

bool read(Reader& reader, Load& load) {
  for (auto* text : {&load.name, &load.version, &load.type, &load.plugin, &load.package, &load.config_json,
                     &load.scratch, &load.new_package, &load.data})
    *text = reader.text();
  load.spin_us = reader.number<std::uint32_t>();
  return reader.finished();
}

void write(Writer& writer, const Ready& ready) {
  for (const auto text : {ready.metadata_json, ready.test_args_json, ready.train_args_json, ready.response_schema_json,
                          ready.inputs_json, ready.outputs_json, ready.walls})
    writer.text(text);
  for (const auto flag : {ready.has_predict_data, ready.has_predict_url, ready.has_train, ready.has_predict_batch})
    writer.number(flag);
}

bool read(Reader& reader, Ready& ready) {
  for (auto* text : {&ready.metadata_json, &ready.test_args_json, &ready.train_args_json, &ready.response_schema_json,
                     &ready.inputs_json, &ready.outputs_json, &ready.walls})
    *text = reader.text();
  for (auto* flag : {&ready.has_predict_data, &ready.has_predict_url, &ready.has_train, &ready.has_predict_batch})
    *flag = reader.number<std::uint8_t>();
  return reader.finished();
}

void write(Writer& writer, const Progress& progress) {
  writer.number(progress.fraction);
  writer.text(progress.details_json);
}

bool read(Reader& reader, Progress& progress) {
  progress.fraction = reader.number<double>();
  progress.details_json = reader.text();
  return reader.finished();
}

bool is_metric_name(std::string_view name) {
  const auto letter = [](char c) { return c == '_' || (std::isalpha(static_cast<unsigned char>(c)) != 0); };
  const auto follows = [&](char c) { return letter(c) || (std::isdigit(static_cast<unsigned char>(c)) != 0); };
  return !name.empty() && name.size() <= kMaxMetricName && letter(name.front()) && std::ranges::all_of(name, follows);
}

void write(Writer& writer, const Metric& metric) {
  writer.number(metric.kind);
  writer.text(metric.name);
  writer.number(metric.value);
}

bool read(Reader& reader, Metric& metric) {
  metric.kind = reader.number<std::uint32_t>();
  metric.name = reader.text();
  metric.value = reader.number<double>();
  return reader.finished();
}

void write(Writer& writer, const CallHeader& header) {
  writer.number(header.sequence);
  writer.number(static_cast<std::uint8_t>(header.method));
  writer.number(header.count);
}

bool read(Reader& reader, CallHeader& header) {
  header.sequence = reader.number<std::uint64_t>();
  const auto method = reader.number<std::uint8_t>();
  if (method > static_cast<std::uint8_t>(Method::train)) reader.fail();
  header.method = static_cast<Method>(method);
  header.count = reader.count(sizeof(std::uint64_t));
  return reader.ok();
}

void write(Writer& writer, const DoneHeader& header) {
  writer.number(header.sequence);
  writer.number(header.compute_ns);
  writer.number(header.count);
}

bool read(Reader& reader, DoneHeader& header) {
  header.sequence = reader.number<std::uint64_t>();
  header.compute_ns = reader.number<std::uint64_t>();
  header.count = reader.count(1);
  return reader.ok();
}

}  // namespace berth::worker
