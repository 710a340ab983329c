// SPDX-License-Identifier: Apache-2.0
#include "metrics/exposition.h"

#include <array>
#include <limits>
#include <map>
#include <set>

#include "hosting/usage.h"
#include "metrics/family.h"
#include "metrics/process.h"

namespace berth::metrics {
namespace {

using hosting::Statistics;
using hosting::Timings;

double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

template <class Number>
double number(Number value) {
  return static_cast<double>(value);
}

Labels with(Labels labels, std::string name, std::string value) {
  labels.push_back({std::move(name), std::move(value)});
  return labels;
}

void add_stages(Families& families, std::string_view name, std::string_view help, const Labels& labels,
                const Timings& total, bool has_queue) {
  const auto add = [&](const char* stage, std::uint64_t ns) {
    families.add_counter(name, help, with(labels, "stage", stage), seconds(ns));
  };
  if (has_queue) add("queue", total.queue_ns);
  add("input", total.input_ns);
  add("infer", total.compute_ns);
  add("output", total.output_ns);
}

void add_durations(Families& families, const Labels& labels, const Statistics::Report& report) {
  prometheus::ClientMetric::Histogram histogram;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < report.classes.size(); ++i) {
    below += report.classes[i];
    const bool is_last = i == Statistics::kBoundsNs.size();
    histogram.bucket.push_back(
        {below, is_last ? std::numeric_limits<double>::infinity() : seconds(Statistics::kBoundsNs[i])});
  }
  histogram.sample_count = below;
  histogram.sample_sum = seconds(report.success_ns);
  families.add_histogram("berth_prediction_duration_seconds",
                         "Of successful predictions, from the checks of a request to its answer", labels,
                         std::move(histogram));
}

void add_calls(Families& families, const Labels& labels, const Statistics::Report& report) {
  constexpr auto kName = "berth_predictions_total";
  constexpr auto kHelp = "Predictions by what became of them; code ok: they succeeded";
  families.add_counter(kName, kHelp, with(labels, "code", "ok"), number(report.succeeded));
  for (std::size_t code = 0; code < report.failures.size(); ++code) {
    if (report.failures[code] == 0) continue;
    families.add_counter(kName, kHelp, with(labels, "code", std::string(to_string(static_cast<Code>(code)))),
                         number(report.failures[code]));
  }
  families.add_counter("berth_failed_prediction_seconds_total", "Time until predictions failed", labels,
                       seconds(report.failure_ns));
  add_durations(families, labels, report);
  add_stages(families, "berth_prediction_stage_seconds_total",
             "Time of successful predictions: waiting for a worker, handing over, in the plugin, taking the answer",
             labels, report.total, true);
}

void add_executions(Families& families, const Labels& labels, const Statistics::Report& report) {
  for (const auto& executions : report.executions) {
    const auto of_size = with(labels, "batch_size", std::to_string(executions.size));
    families.add_counter("berth_executions_total", "What workers were given at once, by how many predictions it was",
                         of_size, number(executions.count));
    add_stages(families, "berth_execution_stage_seconds_total", "Time of executions: as of predictions, less the wait",
               of_size, executions.total, false);
  }
}

void add_workers(Families& families, const Labels& labels, const hosting::Status& status) {
  std::map<std::string, int> by_state{{"starting", 0}, {"idle", 0}, {"busy", 0}};
  std::uint64_t memory = 0;
  for (const auto& worker : status.workers) {
    ++by_state[worker.state];
    if (const auto usage = hosting::usage_of(worker.pid)) memory += usage->memory_bytes;
  }
  for (const auto& [state, count] : by_state) {
    families.add_gauge("berth_workers", "Worker processes", with(labels, "state", state), count);
  }
  families.add_gauge("berth_worker_memory_bytes", "Memory of a model's workers that no file holds", labels,
                     number(memory));
  families.add_counter("berth_worker_restarts_total", "Workers that ended though nobody had asked them to", labels,
                       number(status.restarts));
  families.add_gauge("berth_queue_depth", "Predictions that wait for a worker", labels, number(status.queued));
}

// Names are checked where plugins give them: [a-zA-Z_][a-zA-Z0-9_]*.
void add_own(Families& families, const Labels& labels, const hosting::MetricTable::Values& values) {
  constexpr auto kHelp = "A plugin's own";
  std::set<std::string> said;  // a counter x is another one's x_total: the first of them it is
  for (const auto& [name, metric] : values) {
    auto full = "berth_plugin_" + name;
    if (metric.is_counter && !full.ends_with("_total")) full += "_total";
    if (!said.insert(full).second) continue;
    if (metric.is_counter) {
      families.add_counter(full, kHelp, labels, metric.value);
    } else {
      families.add_gauge(full, kHelp, labels, metric.value);
    }
  }
}

void add_model(Families& families, const hosting::Listing& listing) {
  const Labels labels{{"model", listing.name}, {"version", listing.version}};
  families.add_gauge("berth_model_ready", "1 where it serves", labels,
                     listing.status.state == hosting::State::ready ? 1 : 0);
  if (listing.model == nullptr) return;
  if (is_at_work(listing.status.state)) {
    const auto report = listing.model->statistics().report();
    add_calls(families, labels, report);
    add_executions(families, labels, report);
  }
  add_workers(families, labels, listing.status);
  add_own(families, labels, listing.model->own_metrics());
}

void add_figures(Families& families, const ServerFigures& figures) {
  families.add_counter("berth_http_requests_total", "Requests that reached a handler", {}, number(figures.requests));
  families.add_gauge("berth_http_requests_in_flight", "Requests that are not answered yet", {},
                     number(figures.requests_in_flight));
  families.add_gauge("berth_http_connections", "Open connections", {}, number(figures.connections));
  families.add_gauge("berth_http_body_bytes", "Bytes of bodies in memory", {{"of", "requests"}},
                     number(figures.body_bytes));
  families.add_gauge("berth_http_body_bytes", "Bytes of bodies in memory", {{"of", "answers"}},
                     number(figures.answer_bytes));
  families.add_counter("berth_records_lost_total", "Records that were to be kept, and could not be", {},
                       number(figures.records_lost));
}

}  // namespace

std::string exposition(const std::vector<hosting::Listing>& models, const ServerFigures& figures) {
  Families families;
  families.add_gauge("berth_build_info", "1; the label says which version runs", {{"version", BERTH_VERSION}}, 1);
  for (const auto& listing : models) add_model(families, listing);
  add_figures(families, figures);
  add_process(families);
  return families.text();
}

}  // namespace berth::metrics
