// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference_statistics.h"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/json.h"

namespace berth::dialects::open_inference {
namespace {

using Report = hosting::Statistics::Report;

void write_figure(json::Writer& writer, const char* name, std::uint64_t count, std::uint64_t ns) {
  writer.Key(name);
  writer.StartObject();
  writer.Key("count");
  writer.Uint64(count);
  writer.Key("ns");
  writer.Uint64(ns);
  writer.EndObject();
}

void write_work(json::Writer& writer, std::uint64_t count, const hosting::Timings& total) {
  write_figure(writer, "compute_input", count, total.input_ns);
  write_figure(writer, "compute_infer", count, total.compute_ns);
  write_figure(writer, "compute_output", count, total.output_ns);
}

void write_calls(json::Writer& writer, const Report& report) {
  writer.Key("inference_stats");
  writer.StartObject();
  write_figure(writer, "success", report.succeeded, report.success_ns);
  write_figure(writer, "fail", report.failed, report.failure_ns);
  write_figure(writer, "queue", report.succeeded, report.total.queue_ns);
  write_work(writer, report.succeeded, report.total);
  write_figure(writer, "cache_hit", 0, 0);  // there is no cache of answers
  write_figure(writer, "cache_miss", 0, 0);
  writer.EndObject();
}

void write_executions(json::Writer& writer, const Report& report) {
  std::uint64_t count = 0;
  for (const auto& executions : report.executions) count += executions.count;
  writer.Key("execution_count");
  writer.Uint64(count);
  writer.Key("batch_stats");
  writer.StartArray();
  for (const auto& executions : report.executions) {
    writer.StartObject();
    writer.Key("batch_size");
    writer.Uint64(executions.size);
    write_work(writer, executions.count, executions.total);
    writer.EndObject();
  }
  writer.EndArray();
}

void write_model(json::Writer& writer, hosting::Model& model) {
  const auto report = model.statistics().report();
  const auto last = std::chrono::duration_cast<std::chrono::milliseconds>(report.last_success.time_since_epoch());
  writer.StartObject();
  writer.Key("name");
  writer.String(model.source().name);
  writer.Key("version");
  writer.String(model.source().version);
  writer.Key("last_inference");
  writer.Int64(last.count());
  writer.Key("inference_count");
  writer.Uint64(report.succeeded);
  write_calls(writer, report);
  write_executions(writer, report);
  writer.EndObject();
}

}  // namespace

Result<std::string> model_statistics(const core::Service& service, std::string_view model, std::string_view version) {
  std::vector<hosting::ModelPtr> models;
  if (version.empty()) {
    for (auto& listing : service.listings()) {
      if (!model.empty() && listing.name != model) continue;
      if (listing.model == nullptr || !is_at_work(listing.status.state)) continue;
      models.push_back(std::move(listing.model));
    }
  }
  if (models.empty() && !model.empty()) {
    auto view = service.model(model, version);
    if (!view) return tl::unexpected<Error>(view.error());
    models.push_back(std::move(view->model));
  }
  json::Buffer buffer;
  json::Writer writer(buffer);
  writer.StartObject();
  writer.Key("model_stats");
  writer.StartArray();
  for (const auto& one : models) write_model(writer, *one);
  writer.EndArray();
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace berth::dialects::open_inference
