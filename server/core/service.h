// SPDX-License-Identifier: Apache-2.0
// Service: the one door to models and trainings. Every dialect goes through it, so that no wire skips a check.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/args.h"
#include "core/declarations.h"
#include "hosting/call.h"
#include "hosting/registry.h"
#include "training/trainings.h"

namespace berth::core {

// A model that has been ready, and what it declares; cheap to copy. From a Service; neither pointer is null.
struct ModelView {
  std::string name;
  std::string version;
  std::shared_ptr<const Declarations> declarations;
  hosting::ModelPtr model;
};

struct PredictRequest {
  ModelView model;  // from Service::choose: it answers, whatever has taken its place meanwhile
  hosting::Method method = hosting::Method::predict_data;
  RawArgs args;
  std::vector<hosting::File> files;  // predict_data: the files that are the input itself
  std::vector<std::string> urls;     // predict_url
  // Tensors are the input instead (predict_data), and tensors are the answer.
  bool by_tensors = false;
  std::vector<hosting::Tensor> tensors;
  std::string request_id;
};

class Service {
 public:
  Service(hosting::Registry& registry, training::Trainings& trainings);
  ~Service();

  // Ready models, by name. [any]
  std::vector<ModelView> models() const;
  // `version`: a version, a label, or "" = the active one. not_found, or unavailable with the reason. [any]
  Result<ModelView> model(std::string_view name, std::string_view version = {}) const;
  // As model, for a call by `principal`: the model's rollout shares calls that name no version among versions. [any]
  Result<ModelView> choose(std::string_view name, std::string_view version, std::string_view principal) const;
  // Everything known, ready or not; one whose declarations cannot be used is unavailable with that reason.
  std::vector<hosting::Listing> listings() const;

  // As the registry's, see hosting/registry.h. [any]
  void load(std::string model, hosting::Registry::Done done);
  void unload(std::string model, hosting::Registry::Done done);
  Result<hosting::Rollout> rollout(std::string_view model) const;
  void change_rollout(std::string model, hosting::Registry::ChangeRollout change, hosting::Registry::Done done);

  // Checks arguments and tensors, calls the model, checks the answer against its response schema or declared outputs.
  // `on_outcome` is called exactly once, on any thread, possibly before predict returns. Errors: as Model::submit and
  // check_args. [any]
  void predict(PredictRequest request, hosting::OnOutcome on_outcome);

  // Checks the arguments and starts a training; it runs on after the request. [any]
  Result<training::Training> start_training(const ModelView& model, const RawArgs& args, std::string request_id,
                                            std::function<void(training::Training)> on_end = {});
  std::vector<training::Training> list_trainings(std::string_view model) const;
  Result<training::Training> training(std::string_view model, std::string_view uuid) const;
  // Cancels a running one; a finished one is returned as it is.
  Result<training::Training> cancel_training(std::string_view model, std::string_view uuid);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::core
