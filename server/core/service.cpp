// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <chrono>
#include <set>
#include <utility>

#include "base/log.h"
#include "core/output_check.h"

namespace berth::core {
namespace {

using Clock = std::chrono::steady_clock;

tl::unexpected<Error> not_implemented(const std::string& model) {
  return failure(Code::not_implemented, "Not implemented by underlying model (loaded '" + model + "')");
}

tl::unexpected<Error> takes_no_tensors(const std::string& model) {
  return failure(Code::not_implemented, "the model '" + model + "' declares no tensors that it takes");
}

tl::unexpected<Error> forbidden(identity::Right right, std::string_view model) {
  return failure(Code::forbidden, std::string("the right to ")
                                      .append(to_string(right))
                                      .append(" is needed for the model '")
                                      .append(model)
                                      .append("'"));
}

// Trainings are their owners'; viewers see all, and admins may end them.
bool may_see(const training::Training& training, const identity::Principal& caller) {
  using identity::Role;
  return training.owner == caller.user_id || caller.role == Role::viewer || caller.role == Role::admin;
}

}  // namespace

struct Service::State {
  State(hosting::Registry& registry_in, training::Trainings& trainings_in)
      : registry(registry_in), trainings(trainings_in) {}

  hosting::Registry& registry;
  training::Trainings& trainings;
  DeclarationCache cache;

  Result<ModelView> view_of(const Result<hosting::ModelPtr>& model) {
    if (!model) return tl::unexpected<Error>(model.error());
    const auto description = (*model)->description();
    if (!description) {
      auto reason = (*model)->status().reason;
      return failure(Code::unavailable, reason.empty() ? "the model is not ready yet" : std::move(reason));
    }
    auto declarations = cache.get(description);
    if (!declarations) return tl::unexpected<Error>(declarations.error());
    const auto& source = (*model)->source();
    return ModelView{source.name, source.version, std::move(*declarations), *model};
  }
};

Service::Service(hosting::Registry& registry, training::Trainings& trainings)
    : state_(std::make_unique<State>(registry, trainings)) {}
Service::~Service() = default;

std::vector<ModelView> Service::models() const {
  std::set<std::string> names;
  for (const auto& listing : state_->registry.list()) names.insert(listing.name);
  std::vector<ModelView> views;
  for (const auto& name : names) {
    auto view = model(name);
    if (view && view->model->status().state == hosting::State::ready) views.push_back(std::move(*view));
  }
  return views;
}

Result<ModelView> Service::model(std::string_view name, std::string_view version) const {
  return state_->view_of(state_->registry.find(name, version));
}

Result<ModelView> Service::choose(std::string_view name, std::string_view version,
                                  const identity::Principal& caller) const {
  // A model that nobody knows is not found, whoever asks.
  if (!may(caller, identity::Right::predict, name) && state_->registry.find(name, {})) {
    return forbidden(identity::Right::predict, name);
  }
  return state_->view_of(state_->registry.choose(name, version, identity::subject_of(caller)));
}

std::vector<hosting::Listing> Service::listings() const {
  auto all = state_->registry.list();
  for (auto& listing : all) {
    const auto description = listing.model ? listing.model->description() : nullptr;
    if (!description) continue;
    const auto declarations = state_->cache.get(description);
    if (declarations) continue;
    listing.status.state = hosting::State::unavailable;
    listing.status.reason = declarations.error().message;
  }
  return all;
}

void Service::load(std::string model, hosting::Registry::Done done) {
  state_->registry.load(std::move(model), std::move(done));
}

void Service::unload(std::string model, hosting::Registry::Done done) {
  state_->registry.unload(std::move(model), std::move(done));
}

Result<hosting::Rollout> Service::rollout(std::string_view model) const { return state_->registry.rollout(model); }

void Service::change_rollout(std::string model, hosting::Registry::ChangeRollout change, hosting::Registry::Done done) {
  state_->registry.change_rollout(std::move(model), std::move(change), std::move(done));
}

void Service::predict(PredictRequest request, hosting::OnOutcome on_outcome) {
  const auto began = Clock::now();
  const auto refuse = [&](Error error, std::string version) {
    request.model.model->statistics().count_failure(error.code, Clock::now() - began);
    on_outcome({tl::unexpected<Error>(std::move(error)), {}, std::move(version)});
  };
  const auto& name = request.model.name;
  const auto& version = request.model.version;
  const auto& declarations = request.model.declarations;
  if (!declarations->implements(request.method)) return refuse(not_implemented(name).value(), version);
  if (request.by_tensors) {
    if (declarations->inputs.empty()) return refuse(takes_no_tensors(name).value(), version);
    const auto fit = check_inputs(declarations->inputs, request.tensors);
    if (!fit) return refuse(fit.error(), version);
  }
  auto checked = check_args(declarations->test_args, request.args);
  if (!checked) return refuse(checked.error(), version);

  hosting::Call call;
  call.method = request.method;
  call.request_id = request.request_id;
  call.args_json = std::move(checked->json);
  call.files = std::move(request.files);
  call.files.insert(call.files.end(), std::make_move_iterator(checked->files.begin()),
                    std::make_move_iterator(checked->files.end()));
  call.urls = std::move(request.urls);
  call.tensors = std::move(request.tensors);
  // A schema binds JSON; its owner must outlive the call, the service need not.
  auto check = [declarations, id = std::move(request.request_id), name = name, by_tensors = request.by_tensors,
                model = request.model.model, began, on_outcome = std::move(on_outcome)](hosting::Outcome&& outcome) {
    if (outcome.output && by_tensors) {
      const auto fits = check_outputs(declarations->outputs, *outcome.output);
      if (!fits) outcome.output = tl::unexpected<Error>(fits.error());
    } else if (outcome.output) {
      outcome.output = check_output(std::move(*outcome.output), declarations->schema.get(),
                                    {.request_id = id, .model = name, .component = "core"});
    }
    const auto took = Clock::now() - began;
    if (outcome.output) {
      model->statistics().count_success(outcome.timings, took);
    } else {
      model->statistics().count_failure(outcome.output.error().code, took);
    }
    on_outcome(std::move(outcome));
  };
  request.model.model->submit(std::move(call), std::move(check));
}

Result<training::Training> Service::start_training(const ModelView& model, const RawArgs& args,
                                                   const identity::Principal& caller, std::string request_id,
                                                   std::function<void(training::Training)> on_end) {
  if (!may(caller, identity::Right::train, model.name)) return forbidden(identity::Right::train, model.name);
  if (!model.declarations->implements(hosting::Method::train)) return not_implemented(model.name);
  auto checked = check_args(model.declarations->train_args, args);
  if (!checked) return tl::unexpected<Error>(checked.error());
  hosting::Call call;
  call.method = hosting::Method::train;
  call.request_id = std::move(request_id);
  call.args_json = std::move(checked->json);
  call.files = std::move(checked->files);
  auto check = [name = model.name, id = call.request_id](hosting::Output output) {
    return check_output(std::move(output), nullptr, {.request_id = id, .model = name, .component = "core"});
  };
  return state_->trainings.start(model.model, std::move(call), std::move(on_end), std::move(check), caller.user_id);
}

std::vector<training::Training> Service::list_trainings(std::string_view model,
                                                        const identity::Principal& caller) const {
  auto all = state_->trainings.list(model);
  std::erase_if(all, [&](const training::Training& training) { return !may_see(training, caller); });
  return all;
}

Result<training::Training> Service::training(std::string_view model, std::string_view uuid,
                                             const identity::Principal& caller) const {
  auto found = state_->trainings.get(model, uuid);
  if (found && !may_see(*found, caller)) return state_->trainings.get(model, {});  // as one that is not there
  return found;
}

Result<training::Training> Service::cancel_training(std::string_view model, std::string_view uuid,
                                                    const identity::Principal& caller) {
  const auto found = training(model, uuid, caller);
  if (!found) return found;
  if (found->owner != caller.user_id && caller.role != identity::Role::admin) {
    return failure(Code::forbidden, "a training is cancelled by whoever started it, or by an admin");
  }
  return state_->trainings.cancel(model, uuid);
}

}  // namespace berth::core
