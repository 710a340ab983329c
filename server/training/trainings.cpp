// SPDX-License-Identifier: Apache-2.0
#include "training/trainings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ids.h"
#include "base/log.h"
#include "base/mutex.h"
#include "training/undertaker.h"

namespace berth::training {
namespace {

constexpr std::string_view kComponent = "training";
using OnEnd = std::function<void(Training)>;
using SystemClock = std::chrono::system_clock;

// A training whose worker has not left yet. Its record counts, not the journal's, until the journal has the last one.
struct Entry {
  Training record;
  std::shared_ptr<hosting::Run> run;  // null until start_run returned
  OnEnd on_end;
  bool journaled = false;  // the journal has the record as it ended
  bool left = false;       // the worker is gone
};

// What an outcome means for the record. Under the lock.
void apply(Result<hosting::Output>& output, Training& record, std::string_view request_id) {
  if (output) {
    record.status = Status::done;
    record.progress = 1;
    record.output = std::move(*output);
    return;
  }
  const auto& error = output.error();
  record.code = error.code;
  record.model_status = error.model_status;
  record.status = error.code == Code::cancelled ? Status::cancelled : Status::error;
  const bool for_client = error.code != Code::internal || error.model_status;
  record.message = for_client
                       ? error.message
                       : "The training failed; the server's log tells why under request " + std::string(request_id);
}

void log_failure(const Error& error, const Training& record, std::string_view request_id) {
  log::warning("training " + record.uuid + " ended: " + error.message,
               {.request_id = request_id, .model = record.model, .component = kComponent});
}

}  // namespace

std::string_view to_string(Status status) {
  switch (status) {
    case Status::running: return "running";
    case Status::done: return "done";
    case Status::error: return "error";
    case Status::cancelled: return "cancelled";
  }
  return "error";
}

struct Trainings::State {
  State(hosting::Registry& registry_in, std::unique_ptr<Journal> journal_in, TrainingsOptions options_in)
      : registry(registry_in), journal(std::move(journal_in)), options(options_in) {}

  hosting::Registry& registry;
  const std::unique_ptr<Journal> journal;
  const TrainingsOptions options;
  mutable Mutex mutex;
  std::map<std::string, Entry, std::less<>> entries BERTH_GUARDED_BY(mutex);
  bool stopping BERTH_GUARDED_BY(mutex) = false;
  Undertaker undertaker;

  Result<Training> enter(const hosting::Model& model, const hosting::Call& call, OnEnd on_end);
  void attach(const std::string& uuid, std::unique_ptr<hosting::Run> run);
  std::optional<Training> end(std::string_view uuid, const std::function<void(Training&)>& change);
  void end(std::string_view uuid, Result<hosting::Output> output, std::string_view request_id);
  void leave(std::string_view uuid);
  void drop_if_over(std::string_view uuid) BERTH_REQUIRES(mutex);
  void stop(const std::shared_ptr<hosting::Run>& run);
  std::optional<Training> live(std::string_view uuid) const;
};

// Takes a slot and writes the record down before anything runs.
Result<Training> Trainings::State::enter(const hosting::Model& model, const hosting::Call& call, OnEnd on_end) {
  Training record;
  record.uuid = random_hex_id();
  record.model = model.source().name;
  record.version = model.source().version;
  record.args_json = call.args_json;
  record.started = SystemClock::now();
  {
    const Lock lock(mutex);
    if (stopping) return failure(Code::unavailable, "the server is about to end");
    if (entries.size() >= options.max_running) {
      return failure(Error{.code = Code::busy,
                           .message = std::to_string(entries.size()) + " trainings are running, no more are allowed",
                           .retry_after = std::chrono::seconds(30)});
    }
    entries.emplace(record.uuid, Entry{record, nullptr, std::move(on_end)});
  }
  if (auto put = journal->put(record); !put) {
    const Lock lock(mutex);
    entries.erase(record.uuid);
    return failure(put.error());
  }
  return record;
}

// The run may have ended, or been cancelled, before we hear of it.
void Trainings::State::attach(const std::string& uuid, std::unique_ptr<hosting::Run> run) {
  std::shared_ptr<hosting::Run> shared = std::move(run);
  bool cancelled = false;
  bool told_to_stop = false;
  {
    const Lock lock(mutex);
    const auto found = entries.find(uuid);
    if (found == entries.end()) {
      undertaker.bury(std::move(shared));
      return;
    }
    found->second.run = shared;
    cancelled = found->second.record.status == Status::cancelled;
    told_to_stop = stopping;
  }
  if (cancelled) return stop(shared);
  if (told_to_stop) shared->request_stop();
}

// Changes the record of one that still runs to how it ended; nullopt where it does not run.
std::optional<Training> Trainings::State::end(std::string_view uuid, const std::function<void(Training&)>& change) {
  Training record;
  OnEnd on_end;
  {
    const Lock lock(mutex);
    const auto found = entries.find(uuid);
    if (found == entries.end() || found->second.record.status != Status::running) return std::nullopt;
    change(found->second.record);
    found->second.record.finished = SystemClock::now();
    record = found->second.record;
    on_end = std::exchange(found->second.on_end, nullptr);
  }
  if (auto put = journal->put(record); !put) {
    log::error("the end of training " + record.uuid + " could not be kept: " + put.error().message,
               {.model = record.model, .component = kComponent});
  }
  {
    const Lock lock(mutex);
    const auto found = entries.find(uuid);
    if (found != entries.end()) {
      found->second.journaled = true;
      drop_if_over(uuid);
    }
  }
  if (on_end) on_end(record);
  return record;
}

void Trainings::State::end(std::string_view uuid, Result<hosting::Output> output, std::string_view request_id) {
  const auto record = end(uuid, [&](Training& ended) { apply(output, ended, request_id); });
  if (record && !output) log_failure(output.error(), *record, request_id);
}

void Trainings::State::leave(std::string_view uuid) {
  const Lock lock(mutex);
  const auto found = entries.find(uuid);
  if (found == entries.end()) return;
  found->second.left = true;
  drop_if_over(uuid);
}

void Trainings::State::drop_if_over(std::string_view uuid) {
  const auto found = entries.find(uuid);
  if (!found->second.left || !found->second.journaled) return;
  undertaker.bury(std::move(found->second.run));
  entries.erase(found);
}

void Trainings::State::stop(const std::shared_ptr<hosting::Run>& run) {
  run->request_stop();
  undertaker.kill_later(run, options.stop_grace);
}

std::optional<Training> Trainings::State::live(std::string_view uuid) const {
  const Lock lock(mutex);
  const auto found = entries.find(uuid);
  if (found == entries.end()) return std::nullopt;
  return found->second.record;
}

Trainings::Trainings(hosting::Registry& registry, std::unique_ptr<Journal> journal, TrainingsOptions options)
    : state_(std::make_shared<State>(registry, std::move(journal), options)) {}

void Trainings::request_stop() {
  std::vector<std::shared_ptr<hosting::Run>> running;
  {
    const Lock lock(state_->mutex);
    state_->stopping = true;
    for (const auto& [uuid, entry] : state_->entries) running.push_back(entry.run);
  }
  for (const auto& run : running) {
    if (run) run->request_stop();
  }
}

Trainings::~Trainings() {
  std::vector<std::pair<std::string, std::shared_ptr<hosting::Run>>> running;
  {
    const Lock lock(state_->mutex);
    for (const auto& [uuid, entry] : state_->entries) running.emplace_back(uuid, entry.run);
  }
  for (const auto& [uuid, run] : running) {
    state_->end(uuid, [](Training& record) {
      record.status = Status::cancelled;
      record.code = Code::cancelled;
      record.message = "The server was stopped";
    });
    if (run) run->kill();
  }
  // Now, rather than with the state: a callback may hold that for a moment longer, on a thread that must not join.
  state_->undertaker.stop();
  std::map<std::string, Entry, std::less<>> entries;
  const Lock lock(state_->mutex);
  entries.swap(state_->entries);
}

Result<Training> Trainings::start(const hosting::ModelPtr& model, hosting::Call call, OnEnd on_end,
                                  CheckOutput check_output) {
  call.method = hosting::Method::train;
  auto record = state_->enter(*model, call, std::move(on_end));
  if (!record) return record;
  const auto uuid = record->uuid;
  const auto request_id = call.request_id;
  const std::weak_ptr<State> weak = state_;  // a run may report after the server stopped listening
  auto on_progress = [weak, uuid](hosting::Progress progress) {
    const auto state = weak.lock();
    if (!state) return;
    const Lock lock(state->mutex);
    const auto found = state->entries.find(uuid);
    if (found == state->entries.end() || found->second.record.status != Status::running) return;
    found->second.record.progress = progress.fraction;
    found->second.record.progress_json = std::move(progress.details_json);
  };
  auto on_outcome = [weak, uuid, request_id, check = std::move(check_output)](hosting::Outcome&& outcome) {
    const auto state = weak.lock();
    if (!state) return;
    if (outcome.output && check) outcome.output = check(std::move(*outcome.output));
    state->end(uuid, std::move(outcome.output), request_id);
    state->leave(uuid);
  };
  auto run = state_->registry.start_run(model, std::move(call), std::move(on_progress), std::move(on_outcome));
  if (!run) {
    // The caller gets the error itself; a callback besides would be a second answer.
    {
      const Lock lock(state_->mutex);
      if (const auto found = state_->entries.find(uuid); found != state_->entries.end()) found->second.on_end = nullptr;
    }
    state_->end(uuid, tl::unexpected<Error>(run.error()), request_id);
    state_->leave(uuid);
    return failure(run.error());
  }
  state_->attach(uuid, std::move(*run));
  return record;
}

std::vector<Training> Trainings::list(std::string_view model) const {
  auto all = state_->journal->list(model);
  for (auto& training : all) {
    if (training.status != Status::running) continue;
    if (auto now = state_->live(training.uuid)) training = std::move(*now);
  }
  return all;
}

Result<Training> Trainings::get(std::string_view model, std::string_view uuid) const {
  // The live one first: it is newer than the journal, and leaves only once the journal has its end.
  auto found = state_->live(uuid);
  if (!found) found = state_->journal->get(uuid);
  if (!found || found->model != model) return failure(Code::not_found, "there is no such training");
  return std::move(*found);
}

Result<Training> Trainings::cancel(std::string_view model, std::string_view uuid) {
  auto known = get(model, uuid);
  if (!known) return known;
  auto ended = state_->end(uuid, [](Training& record) {
    record.status = Status::cancelled;
    record.code = Code::cancelled;
  });
  if (!ended) return get(model, uuid);
  std::shared_ptr<hosting::Run> run;
  {
    const Lock lock(state_->mutex);
    if (const auto found = state_->entries.find(uuid); found != state_->entries.end()) run = found->second.run;
  }
  if (run) state_->stop(run);
  return std::move(*ended);
}

}  // namespace berth::training
