// SPDX-License-Identifier: Apache-2.0
// Service: the one door to models and trainings. Every dialect goes through it, so that no wire skips a check.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/args.h"
#include "core/declarations.h"
#include "core/recorder.h"
#include "hosting/call.h"
#include "hosting/registry.h"
#include "identity/principal.h"
#include "training/trainings.h"

namespace berth::core {

// A model that has been ready, and what it declares; cheap to copy. From a Service; neither pointer is null.
struct ModelView {
  std::string name;
  std::string version;
  std::shared_ptr<const Declarations> declarations;
  hosting::ModelPtr model;
};

// One prediction, as a dialect read it from its wire.
struct PredictRequest {
  ModelView model;  // from Service::choose: it answers, whatever has taken its place meanwhile
  hosting::Method method = hosting::Method::predict_data;
  RawArgs args;                      // what they refer to must live until predict returns
  std::vector<hosting::File> files;  // predict_data: the files that are the input itself
  std::vector<std::string> urls;     // predict_url
  // Tensors are the input instead (predict_data), and tensors are the answer.
  bool by_tensors = false;
  std::vector<hosting::Tensor> tensors;
  std::string request_id;  // in every log line about it
  RecordNote record;
};

// A prediction that was made elsewhere, and is only put on record.
struct ForeignPrediction {
  RecordNote record;
  std::string model;       // that made it; may be one that nobody here knows
  std::string input_json;  // an object
  std::vector<hosting::File> files;
  std::string output_json;
  std::chrono::microseconds latency{0};
};

class Service {
 public:
  // All must outlive it. `recorder` may be null: nothing is put on record then.
  Service(hosting::Registry& registry, training::Trainings& trainings, Recorder* recorder = nullptr);
  ~Service();

  // The active versions that are ready, by name. [any]
  std::vector<ModelView> models() const;
  // `version`: a version, a label, or "" = the active one. not_found: no such name or version; unavailable: it has not
  // been ready yet or cannot be loaded, or what it declares cannot be used, with the reason. [any]
  Result<ModelView> model(std::string_view name, std::string_view version = {}) const;
  // As model, for a call by `caller`: the model's rollout shares calls that name no version among versions. forbidden:
  // they may not predict with it. [any]
  Result<ModelView> choose(std::string_view name, std::string_view version, const identity::Principal& caller) const;
  // Every version that is known, ready or not, by name, then version; one whose declarations cannot be used is
  // unavailable with that reason. [any]
  std::vector<hosting::Listing> listings() const;

  // As the registry's, see hosting/registry.h. [any]
  void load(std::string model, hosting::Registry::Done done);
  void unload(std::string model, hosting::Registry::Done done);
  Result<hosting::Rollout> rollout(std::string_view model) const;
  void change_rollout(std::string model, hosting::Registry::ChangeRollout change, hosting::Registry::Done done);

  // Checks arguments and tensors, calls the model, checks the answer against its response schema or declared outputs;
  // puts the request on record before the call, and the response before `on_outcome`.
  // `on_outcome` is called exactly once, on any thread, possibly before predict returns, possibly when the service is
  // gone. Errors: not_implemented (the model lacks the method, or takes no tensors), as check_args and check_inputs, as
  // Model::submit, as check_output and check_outputs; busy (a durable record could not be kept). [any]
  void predict(PredictRequest request, hosting::OnOutcome on_outcome);

  // The id of the record of a request to that model that comes now: a number that grows. 0: nothing is put on record of
  // it. [any]
  std::int64_t new_record_id(std::string_view model);
  // Puts it on record, durably. `done` is told on any thread. not_implemented: records are off for that model; busy:
  // it could not be done. [any]
  void keep_prediction(ForeignPrediction prediction, std::function<void(Result<>)> done);

  // Checks the arguments and starts a training of that model; it runs on after the request, and that it began is put on
  // record. `note` says who calls. `on_end` (may be empty) is told once, on any thread, how it ended, unless this call
  // fails. Errors: not_implemented (the model cannot be trained), forbidden (the caller may not train it), as
  // check_args, as Trainings::start. [any]
  Result<training::Training> start_training(const ModelView& model, const RawArgs& args, const RecordNote& note,
                                            std::string request_id,
                                            std::function<void(training::Training)> on_end = {});
  // Those of one model that are still known and that the caller may see, oldest first: their own, and all for viewers
  // and admins. None for a model that nobody knows. [any]
  std::vector<training::Training> list_trainings(std::string_view model, const identity::Principal& caller) const;
  // not_found: unknown, another model's, somebody else's, or no longer kept. [any]
  Result<training::Training> training(std::string_view model, std::string_view uuid,
                                      const identity::Principal& caller) const;
  // Cancels a running one: its record says so at once, its worker is told to stop and killed if it does not. A finished
  // one is returned as it is. not_found: as training; forbidden: a viewer's, who only sees it. [any]
  Result<training::Training> cancel_training(std::string_view model, std::string_view uuid,
                                             const identity::Principal& caller);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::core
