// SPDX-License-Identifier: Apache-2.0
#include "sdk/testing/conformance.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stop_token>
#include <string>
#include <utility>

#include "hosting/library.h"
#include "sdk/testing/model_checks.h"
#include "sdk/testing/sample_files.h"
#include "sdk/testing/workshop.h"

namespace berth::conformance {

bool Report::passed() const {
  const auto failed = [](const Check& check) { return !check.passed && !check.skipped; };
  const auto loaded = [](const Check& check) { return check.passed && check.name.ends_with(".load"); };
  return std::ranges::none_of(checks, failed) && std::ranges::any_of(checks, loaded);
}

Report check_plugin(const std::filesystem::path& library, const Options& options) {
  Report report;
  std::atomic<bool> stopped = false;
  const std::stop_callback on_stop(options.stop, [&stopped] { stopped = true; });
  const auto described = hosting::describe(library, options.worker_program, std::chrono::seconds(20), &stopped);
  report.checks.push_back({"library", described.has_value(), described ? "" : described.error().message});
  if (!described) return report;

  const auto samples = find_samples(options.files, options.package);
  if (!samples) {
    report.checks.push_back({"samples", false, samples.error().message});
    return report;
  }
  auto workshop = Workshop::create(library, options, *samples);
  if (!workshop) {
    report.checks.push_back({"library", false, workshop.error().message});
    return report;
  }
  for (const auto& type : described->models) {
    if (!type.needs_package || !options.package.empty()) continue;
    report.checks.push_back({type.name + ".load", false, "it is made from a package: name one with --package", true});
  }
  for (const auto& listing : (*workshop)->registry().list()) {
    if (options.stop.stop_requested()) break;
    check_model(listing, **workshop, *samples, options, report);
  }
  return report;
}

}  // namespace berth::conformance
