// SPDX-License-Identifier: Apache-2.0
#include "training/trainings.h"

#include <utility>

#include "base/log.h"
#include "base/task_threads.h"
#include "training/live_trainings.h"

namespace berth::training {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::running: return "running";
    case Status::done: return "done";
    case Status::error: return "error";
    case Status::cancelled: return "cancelled";
  }
  return "error";
}

// Runs hold it weakly: they may report after the server stopped listening.
struct Trainings::State {
  State(hosting::Registry& registry_in, std::unique_ptr<Journal> journal_in, TrainingsOptions options)
      : registry(registry_in), journal(std::move(journal_in)), live(*journal, options) {}

  hosting::Registry& registry;
  // The last step of a training that wrote a package, on the thread `berth-publish`.
  void publish_later(const std::string& uuid, hosting::Outcome outcome, const std::string& request_id);
  void publish(const std::string& uuid, hosting::Outcome outcome, const std::string& request_id);

  const std::unique_ptr<Journal> journal;
  LiveTrainings live;
  TaskThreads publisher{{.name = "berth-publish"}};  // no more tasks come than trainings may run
};

void Trainings::State::publish_later(const std::string& uuid, hosting::Outcome outcome, const std::string& request_id) {
  const auto shared = std::make_shared<hosting::Outcome>(std::move(outcome));
  (void)publisher.post([this, uuid, shared, request_id] {
    publish(uuid, std::move(*shared), request_id);
    live.leave(uuid);
  });
}

void Trainings::State::publish(const std::string& uuid, hosting::Outcome outcome, const std::string& request_id) {
  const auto package = std::exchange(outcome.package, nullptr);
  auto published = package->prepare([&] { return live.is_running(uuid); }).and_then([&]() -> Result<std::string> {
    if (!live.settle(uuid)) return failure(Code::cancelled, "cancelled");
    return package->publish();
  });
  if (published) {
    live.end(uuid, std::move(outcome.output), request_id, std::move(*published));
  } else {
    auto& error = published.error();
    error.message.insert(0, "the new version was not taken: ");
    live.end(uuid, failure(std::move(error)), request_id);
  }
}

Trainings::Trainings(hosting::Registry& registry, std::unique_ptr<Journal> journal, TrainingsOptions options)
    : state_(std::make_shared<State>(registry, std::move(journal), options)) {}

Trainings::~Trainings() {
  state_->publisher.close();
  state_->live.end_all();
}

Result<Training> Trainings::start(const hosting::ModelPtr& model, hosting::Call call,
                                  std::function<void(Training)> on_end, CheckOutput check_output, std::int64_t owner) {
  call.method = hosting::Method::train;
  auto record = state_->live.enter(*model, call, owner, std::move(on_end));
  if (!record) return record;
  const auto uuid = record->uuid;
  const auto request_id = call.request_id;
  const std::weak_ptr<State> weak = state_;
  auto on_progress = [weak, uuid](hosting::Progress progress) {
    if (const auto state = weak.lock()) state->live.set_progress(uuid, std::move(progress));
  };
  auto on_outcome = [weak, uuid, request_id, check = std::move(check_output)](hosting::Outcome&& outcome) {
    const auto state = weak.lock();
    if (!state) return;
    if (outcome.output && check) outcome.output = check(std::move(*outcome.output));
    if (outcome.output && outcome.package) return state->publish_later(uuid, std::move(outcome), request_id);
    state->live.end(uuid, std::move(outcome.output), request_id);
    state->live.leave(uuid);
  };
  auto run = state_->registry.start_run(model, std::move(call), std::move(on_progress), std::move(on_outcome));
  if (!run) {
    state_->live.fail(uuid, run.error(), request_id);
    return failure(run.error());
  }
  state_->live.attach(uuid, std::move(*run));
  return record;
}

std::vector<Training> Trainings::list(std::string_view model) const {
  auto all = state_->journal->list(model);
  for (auto& training : all) {
    if (training.status != Status::running) continue;
    if (auto now = state_->live.find(training.uuid)) training = std::move(*now);
  }
  return all;
}

Result<Training> Trainings::get(std::string_view model, std::string_view uuid) const {
  // The live one first: it is newer than the journal, and leaves only once the journal has its end.
  auto found = state_->live.find(uuid);
  if (!found) found = state_->journal->get(uuid);
  if (!found || found->model != model) return failure(Code::not_found, "there is no such training");
  return std::move(*found);
}

Result<Training> Trainings::cancel(std::string_view model, std::string_view uuid) {
  auto known = get(model, uuid);
  if (!known) return known;
  auto ended = state_->live.cancel(uuid);
  if (!ended) return get(model, uuid);
  state_->live.stop(uuid);
  return std::move(*ended);
}

void Trainings::request_stop() { state_->live.request_stop(); }

}  // namespace berth::training
