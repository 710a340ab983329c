// SPDX-License-Identifier: Apache-2.0
#include "hosting/statistics.h"

#include <algorithm>
#include <numeric>

#include "hosting/nanoseconds.h"

namespace berth::hosting {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

Statistics::Statistics(std::size_t max_batch) : sizes_(std::max<std::size_t>(1, max_batch)) {}

void Statistics::count_execution(std::size_t size, std::uint64_t input_ns, std::uint64_t compute_ns) {
  auto& executions = of_size(size);
  executions.count.fetch_add(1, kRelaxed);
  executions.times.input_ns.fetch_add(input_ns, kRelaxed);
  executions.times.compute_ns.fetch_add(compute_ns, kRelaxed);
}

void Statistics::add_output(std::size_t size, std::uint64_t output_ns) {
  of_size(size).times.output_ns.fetch_add(output_ns, kRelaxed);
}

void Statistics::count_success(const Timings& timings, std::chrono::nanoseconds total) {
  const auto ns = nanoseconds(total);
  times_.queue_ns.fetch_add(timings.queue_ns, kRelaxed);
  times_.input_ns.fetch_add(timings.input_ns, kRelaxed);
  times_.compute_ns.fetch_add(timings.compute_ns, kRelaxed);
  times_.output_ns.fetch_add(timings.output_ns, kRelaxed);
  success_ns_.fetch_add(ns, kRelaxed);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  last_success_.store(nanoseconds(now), kRelaxed);
  const auto bound = std::ranges::lower_bound(kBoundsNs, ns);
  classes_[static_cast<std::size_t>(bound - kBoundsNs.begin())].fetch_add(1, kRelaxed);
}

void Statistics::count_failure(Code code, std::chrono::nanoseconds total) {
  failure_ns_.fetch_add(nanoseconds(total), kRelaxed);
  failures_[static_cast<std::size_t>(code)].fetch_add(1, kRelaxed);
}

void Statistics::forget() {
  const auto clear_times = [](Times& times) {
    for (auto* counter : {&times.queue_ns, &times.input_ns, &times.compute_ns, &times.output_ns}) {
      counter->store(0, kRelaxed);
    }
  };
  for (auto* counter : {&success_ns_, &failure_ns_, &last_success_}) counter->store(0, kRelaxed);
  for (auto& counter : failures_) counter.store(0, kRelaxed);
  for (auto& counter : classes_) counter.store(0, kRelaxed);
  clear_times(times_);
  for (auto& size : sizes_) {
    size.count.store(0, kRelaxed);
    clear_times(size.times);
  }
}

Timings Statistics::sum(const Times& times) {
  return {times.queue_ns.load(kRelaxed), times.input_ns.load(kRelaxed), times.compute_ns.load(kRelaxed),
          times.output_ns.load(kRelaxed)};
}

Statistics::Report Statistics::report() const {
  Report report;
  const auto load = [](const Counter& counter) { return counter.load(kRelaxed); };
  std::ranges::transform(failures_, report.failures.begin(), load);
  std::ranges::transform(classes_, report.classes.begin(), load);
  report.failed = std::accumulate(report.failures.begin(), report.failures.end(), std::uint64_t{0});
  report.succeeded = std::accumulate(report.classes.begin(), report.classes.end(), std::uint64_t{0});
  report.success_ns = load(success_ns_);
  report.failure_ns = load(failure_ns_);
  report.total = sum(times_);
  report.last_success = std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(load(last_success_))));
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    if (const auto count = load(sizes_[i].count); count > 0)
      report.executions.push_back({i + 1, count, sum(sizes_[i].times)});
  }
  return report;
}

}  // namespace berth::hosting
