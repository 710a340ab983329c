// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <chrono>
#include <set>
#include <utility>

#include "base/json_object.h"
#include "core/output_check.h"
#include "core/prediction.h"

namespace berth::core {
namespace {

tl::unexpected<Error> forbidden(identity::Right right, std::string_view model) {
  return failure(Code::forbidden, std::string("the right to ")
                                      .append(to_string(right))
                                      .append(" is needed for the model '")
                                      .append(model)
                                      .append("'"));
}

// Trainings are their owners'; viewers see all, and admins may end them. A key that is good for some models only shows
// no others' trainings, as with records.
bool may_see(const training::Training& training, const identity::Principal& caller) {
  using identity::Role;
  if (training.owner == caller.user_id) return true;
  return (caller.role == Role::viewer || caller.role == Role::admin) && caller.narrowed_to == nullptr;
}

}  // namespace

struct Service::State {
  State(hosting::Registry& registry_in, training::Trainings& trainings_in, Recorder* recorder_in)
      : registry(registry_in), trainings(trainings_in), recorder(recorder_in) {}

  hosting::Registry& registry;
  training::Trainings& trainings;
  Recorder* const recorder;
  DeclarationCache cache;

  // What is known at once: that it began. The journal of trainings has the rest.
  void record_training(const RecordNote& note, const ModelView& model, const hosting::Call& call,
                       const Result<training::Training>& training) const {
    auto record = recorder->open(note, model.name);
    if (record.mode == records::Mode::durable) record.mode = records::Mode::async;
    Result<hosting::Output> output;
    if (training) {
      output->body = Bytes(json::ObjectText().text("training", training->uuid).done());
    } else {
      output = tl::unexpected<Error>(training.error());
    }
    recorder->keep_both(record, note, {model.name, model.version, hosting::Method::train}, call, {output, {}},
                        [](const Result<>&) {});
  }

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

Service::Service(hosting::Registry& registry, training::Trainings& trainings, Recorder* recorder)
    : state_(std::make_unique<State>(registry, trainings, recorder)) {}
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
  std::make_shared<Prediction>(std::move(request), state_->recorder, std::move(on_outcome))->run();
}

std::int64_t Service::new_record_id(std::string_view model) {
  return state_->recorder && state_->recorder->mode_of(model) != records::Mode::off ? state_->recorder->new_id() : 0;
}

void Service::keep_prediction(ForeignPrediction prediction, std::function<void(Result<>)> done) {
  const auto off = failure(Code::not_implemented, "predictions are not put on record here");
  if (!state_->recorder) return done(off);
  auto& recorder = *state_->recorder;
  prediction.record.is_durable = true;
  auto record = recorder.open(prediction.record, prediction.model);
  if (record.mode == records::Mode::off) return done(off);
  if (const auto most = recorder.max_text_bytes(); prediction.output_json.size() > most) {
    return done(failure(Code::too_large,
                        "the prediction is larger than records.max_text_bytes (" + std::to_string(most) + " bytes)"));
  }
  record.began -= prediction.latency;
  hosting::Call call;
  call.args_json = std::move(prediction.input_json);
  call.files = std::move(prediction.files);
  hosting::Timings timings;
  timings.compute_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(prediction.latency).count());
  hosting::Output made;
  made.body = Bytes(std::move(prediction.output_json));
  const Result<hosting::Output> output = std::move(made);
  recorder.keep_both(
      record, prediction.record, {.model = prediction.model, .version = {}}, call, {output, timings},
      [done = std::move(done)](Result<> kept) { done(kept ? Result<>() : failure(not_kept(kept.error()))); });
}

Result<training::Training> Service::start_training(const ModelView& model, const RawArgs& args, const RecordNote& note,
                                                   std::string request_id,
                                                   std::function<void(training::Training)> on_end) {
  const auto& caller = *note.caller;
  if (!may(caller, identity::Right::train, model.name)) return forbidden(identity::Right::train, model.name);
  if (!model.declarations->implements(hosting::Method::train)) return failure(not_implemented(model.name));
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
  const auto recorded = state_->recorder ? call : hosting::Call();
  auto training =
      state_->trainings.start(model.model, std::move(call), std::move(on_end), std::move(check), caller.user_id);
  if (state_->recorder) state_->record_training(note, model, recorded, training);
  return training;
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
  auto found = training(model, uuid, caller);
  if (!found) return found;
  if (found->owner != caller.user_id && caller.role != identity::Role::admin) {
    return failure(Code::forbidden, "a training is cancelled by whoever started it, or by an admin");
  }
  return state_->trainings.cancel(model, uuid);
}

}  // namespace berth::core
