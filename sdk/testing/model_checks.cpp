// SPDX-License-Identifier: Apache-2.0
#include "sdk/testing/model_checks.h"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/declarations.h"
#include "sdk/testing/findings.h"
#include "sdk/testing/samples.h"
#include "sdk/testing/training_check.h"
#include "sdk/testing/workshop.h"

namespace berth::conformance {
namespace {

using hosting::Method;

constexpr const char* kNoAnswer = "not run: there is no good answer to compare with";

// What two equal calls must have in common.
std::string summary(const Result<hosting::Output>& output) {
  if (!output)
    return "error " + std::to_string(output.error().model_status.value_or(0)) + ": " + output.error().message;
  constexpr const char* kKinds[] = {"json ", "text ", "file ", "tensors "};
  std::string text = kKinds[static_cast<int>(output->kind)] + std::string(output->body.view());
  for (const auto& tensor : output->tensors) text += " " + tensor.name + " " + std::string(tensor.bytes.view());
  return text;
}

std::string shortened(std::string text) {
  if (text.size() > 200) text = text.substr(0, 200) + "…";
  return text;
}

class ModelChecks {
 public:
  ModelChecks(const hosting::Listing& listing, Workshop& workshop, const Samples& samples, const Options& options,
              Report& report)
      : listing_(listing), workshop_(workshop), samples_(samples), options_(options), findings_(listing.name, report) {}

  void run() {
    if (!check_load() || !check_declarations()) return;
    const auto& description = *declarations_.description;
    if (description.has_predict_url) {
      check_answers("url_answer", Method::predict_url);
      check_repeatable("url_repeatable", Method::predict_url);
    }
    if (description.has_predict_data) {
      check_answers("answer", Method::predict_data);
      check_tensors();
      check_repeatable("repeatable", Method::predict_data);
      check_batch();
      check_bad_input();
    }
    if (description.has_train) {
      check_training(listing_.model, workshop_.registry(), declarations_, options_, findings_);
    }
    check_alive();
  }

 private:
  bool check_load() {
    const bool ready = listing_.model != nullptr && listing_.status.state == hosting::State::ready;
    findings_.add("load", ready, listing_.status.reason);
    return ready;
  }

  bool check_declarations() {
    const auto description = listing_.model->description();
    const auto metadata = json::parse(description->metadata_json);
    const auto* name = metadata ? json::find(*metadata, "name") : nullptr;
    findings_.add("metadata", name != nullptr && name->IsString() && name->GetStringLength() > 0,
                  "get_metadata() gives no name; clients see it in listings");
    findings_.add("methods", description->has_predict_data || description->has_predict_url || description->has_train,
                  "the model implements none of predict_data, predict_url and train");
    auto declarations = core::read_declarations(description);
    findings_.add("arguments", declarations.has_value(), declarations ? "" : declarations.error().message);
    if (declarations) declarations_ = std::move(*declarations);
    return declarations.has_value();
  }

  Result<hosting::Output> ask_sample(Method method, const Sample& sample, int variant) {
    auto call = sample_call(declarations_, method, variant, sample);
    if (!call) return failure(call.error());
    return checked(ask(listing_.model, std::move(*call)));
  }
  Result<hosting::Output> checked(hosting::Outcome outcome) {
    if (!outcome.output) return outcome.output;
    return core::check_output(std::move(*outcome.output), declarations_.schema.get(), {.model = listing_.name});
  }

  // Every sample is answered.
  void check_answers(const std::string& check, Method method) {
    const auto samples = samples_for(declarations_, method, samples_);
    Result<hosting::Output> output;
    std::string file;  // that it was asked with
    for (const Sample& sample : samples) {
      output = ask_sample(method, sample, 0);
      if (samples.size() > 1) file = sample.file.file_name + ": ";
      if (!output) break;
    }
    answers_ = output.has_value();
    fails_ = !output && !is_refused(output);
    const auto made_up = made_up_part(declarations_, method, samples_);
    if (is_refused(output) && !made_up.empty())
      return findings_.skip(check, made_up + ": it refused what was made up, " + output.error().message);
    findings_.add(check, answers_,
                  output ? "" : "a call that satisfies its declarations failed: " + file + output.error().message);
  }

  // The declared outputs are what comes back.
  void check_tensors() {
    const auto& inputs = declarations_.inputs;
    if (inputs.empty()) return findings_.skip("tensors", "it declares no inputs");
    auto call = sample_call(declarations_, Method::predict_data, 0, samples_.each.front());
    if (!call) return findings_.add("tensors", false, call.error().message);
    call->files.clear();
    call->tensors = sample_tensors(inputs, samples_.each.front().file);
    const auto outcome = ask(listing_.model, std::move(*call));
    if (!outcome.output) {
      if (is_refused(outcome.output))
        return findings_.skip("tensors", "it refused what was made up, " + outcome.output.error().message);
      return findings_.add("tensors", false,
                           "a call that satisfies its inputs failed: " + outcome.output.error().message);
    }
    const auto fits = core::check_outputs(declarations_.outputs, *outcome.output);
    findings_.add("tensors", fits.has_value(),
                  fits ? "" : fits.error().message + ": declare what comes back in get_outputs()");
  }

  void check_repeatable(const std::string& check, Method method) {
    if (!answers_) return findings_.skip(check, kNoAnswer);
    std::string difference;
    for (const Sample& sample : samples_for(declarations_, method, samples_)) {
      const auto first = summary(ask_sample(method, sample, 0));
      const auto second = summary(ask_sample(method, sample, 0));
      if (difference.empty() && first != second) difference = shortened(first) + " / " + shortened(second);
    }
    findings_.add(check, difference.empty(), "the same call was answered twice differently: " + difference);
  }

  // Several calls at once, of two kinds or as many as there are samples, must be answered as each is alone.
  void check_batch() {
    if (!declarations_.description->has_predict_batch)
      return findings_.skip("batch", "it does not implement predict_batch");
    if (!answers_) return findings_.skip("batch", kNoAnswer);
    constexpr std::size_t kCalls = 8;
    const auto samples = samples_for(declarations_, Method::predict_data, samples_);
    const auto ask_kind = [&](std::size_t kind) {
      return summary(ask_sample(Method::predict_data, samples[kind % samples.size()], static_cast<int>(kind % 2)));
    };
    std::vector<std::string> alone(std::clamp<std::size_t>(samples.size(), 2, kCalls));
    for (std::size_t kind = 0; kind < alone.size(); ++kind) alone[kind] = ask_kind(kind);
    std::vector<std::future<std::string>> together;
    together.reserve(kCalls);
    for (std::size_t i = 0; i < kCalls; ++i) {
      together.push_back(std::async(std::launch::async, ask_kind, i % alone.size()));
    }
    std::string difference;
    for (std::size_t i = 0; i < together.size(); ++i) {
      const auto answer = together[i].get();
      const auto& expected = alone[i % alone.size()];
      if (difference.empty() && answer != expected) difference = shortened(answer) + ", alone " + shortened(expected);
    }
    findings_.add("batch", difference.empty(), "in a batch a call was answered otherwise than alone: " + difference);
  }

  // Bytes that mean nothing: an answer or an error for the client, no failure.
  void check_bad_input() {
    std::string noise;
    for (unsigned i = 0, state = 1; i < 1000; ++i) {
      state = state * 1103515245u + 12345u;
      noise += static_cast<char>(state >> 16 & 0xffu);
    }
    std::string problem;
    for (const auto& bytes : {std::string(), noise}) {
      const Sample bad{{"data", "noise.bin", "application/octet-stream", Bytes(bytes)}};
      auto call = sample_call(declarations_, Method::predict_data, 0, bad);
      if (!call || call->files.empty()) return check_bad_arguments();
      const auto output = checked(ask(listing_.model, std::move(*call)));
      if (!output && !is_refused(output)) problem = output.error().message;
    }
    findings_.add(
        "bad_input", problem.empty(),
        "a file that cannot be read is the client's mistake, throw berth::Error(4xx, …) on it; instead: " + problem);
  }

  // Of a model without files: what its declarations allow, at their edges. The server refuses the rest itself.
  void check_bad_arguments() {
    std::string problem;
    const auto calls = edge_calls(declarations_);
    if (fails_) return findings_.skip("bad_input", "not run: even a plain call fails");
    if (calls.empty()) return findings_.skip("bad_input", "it takes neither files nor arguments");
    for (const auto& call : calls) {
      const auto output = checked(ask(listing_.model, call));
      if (output || is_refused(output)) continue;
      problem = shortened(call.args_json) + ": " + output.error().message;
      break;
    }
    findings_.add("bad_input", problem.empty(),
                  "arguments that its declarations allow made it fail; narrow them (range, length, choices) or throw "
                  "berth::Error(4xx, …): " +
                      problem);
  }

  // Nothing that was asked, and nothing that the plugin printed, cost a worker or the connection to it.
  void check_alive() {
    const auto status = listing_.model->status();
    findings_.add("alive", status.state == hosting::State::ready && status.restarts == 0,
                  "its worker died or was replaced " + std::to_string(status.restarts) + " time(s) during the checks " +
                      status.reason);
  }

  const hosting::Listing& listing_;
  Workshop& workshop_;
  const Samples& samples_;
  const Options& options_;
  Findings findings_;
  core::Declarations declarations_;
  bool answers_ = false;  // the sample of the method being checked was answered, not refused
  bool fails_ = false;    // … nor refused, but failed
};

}  // namespace

void check_model(const hosting::Listing& listing, Workshop& workshop, const Samples& samples, const Options& options,
                 Report& report) {
  ModelChecks(listing, workshop, samples, options, report).run();
}

}  // namespace berth::conformance
