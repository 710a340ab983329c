// SPDX-License-Identifier: Apache-2.0
#include "sdk/testing/training_check.h"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "sdk/testing/samples.h"

namespace berth::conformance {
namespace {

void check_trained(hosting::Outcome outcome, Findings& findings) {
  const bool cancelled = !outcome.output && outcome.output.error().code == Code::cancelled;
  if (cancelled) return findings.skip("train", "it was stopped, so there is no result");
  const auto output = outcome.output
                          ? core::check_output(std::move(*outcome.output), nullptr, {.model = findings.model()})
                          : std::move(outcome.output);
  if (is_refused(output)) return findings.skip("train", "it refused its defaults: " + output.error().message);
  findings.add("train", output.has_value(),
               output ? "" : "a training with its defaults failed: " + output.error().message);
}

}  // namespace

void check_training(const hosting::ModelPtr& model, hosting::Registry& registry, const core::Declarations& declarations,
                    const Options& options, Findings& findings) {
  auto call = default_training(declarations);
  if (!call) {
    findings.skip("train", "not run: an argument of it is required and has no default");
    return findings.skip("train_stop", "not run");
  }
  const auto ended = std::make_shared<std::promise<hosting::Outcome>>();
  auto outcome = ended->get_future();
  const auto run = registry.start_run(
      model, std::move(*call), [](const hosting::Progress&) {},
      [ended](hosting::Outcome&& done) { ended->set_value(std::move(done)); });
  if (!run) return findings.add("train", false, "it could not be started: " + run.error().message);
  if (outcome.wait_for(options.train_time) == std::future_status::ready) {
    check_trained(outcome.get(), findings);
    return findings.skip("train_stop", "the training ended before it could be told to stop");
  }
  (*run)->request_stop();
  const bool stopped = outcome.wait_for(options.stop_time) == std::future_status::ready;
  findings.add("train_stop", stopped,
               "the training went on for " + std::to_string(options.stop_time.count()) +
                   " s after its stop flag was set; look at host().stop_requested() in its loop");
  if (stopped) return check_trained(outcome.get(), findings);
  (*run)->kill();
  outcome.wait();
  findings.skip("train", "it was ended, so there is no result");
}

}  // namespace berth::conformance
