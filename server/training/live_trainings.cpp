// SPDX-License-Identifier: Apache-2.0
#include "training/live_trainings.h"

#include <chrono>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/log.h"

namespace berth::training {
namespace {

using SystemClock = std::chrono::system_clock;

constexpr std::string_view kComponent = "training";

// What an outcome means for the record.
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

}  // namespace

Result<Training> LiveTrainings::enter(const hosting::Model& model, const hosting::Call& call, std::int64_t owner,
                                      OnEnd on_end) {
  Training record;
  record.uuid = random_hex_id();
  record.model = model.source().name;
  record.version = model.source().version;
  record.args_json = call.args_json;
  record.owner = owner;
  record.started = SystemClock::now();
  {
    const Lock lock(mutex_);
    if (stopping_) return failure(Code::unavailable, "the server is about to end");
    if (entries_.size() >= options_.max_running) {
      return failure(Error{.code = Code::busy,
                           .message = std::to_string(entries_.size()) + " trainings are running, no more are allowed",
                           .retry_after = std::chrono::seconds(30)});
    }
    entries_.emplace(record.uuid, Entry{record, nullptr, std::move(on_end)});
  }
  if (auto put = journal_.put(record); !put) {
    const Lock lock(mutex_);
    entries_.erase(record.uuid);
    return failure(put.error());
  }
  return record;
}

void LiveTrainings::attach(const std::string& uuid, std::unique_ptr<hosting::Run> run) {
  std::shared_ptr<hosting::Run> shared = std::move(run);
  bool cancelled = false;
  bool told_to_stop = false;
  {
    const Lock lock(mutex_);
    const auto found = entries_.find(uuid);
    if (found == entries_.end()) {
      undertaker_.bury(std::move(shared));
      return;
    }
    found->second.run = shared;
    cancelled = found->second.record.status == Status::cancelled;
    told_to_stop = stopping_;
  }
  if (cancelled) return stop_run(shared);
  if (told_to_stop) shared->request_stop();
}

void LiveTrainings::set_progress(std::string_view uuid, hosting::Progress progress) {
  const Lock lock(mutex_);
  const auto found = entries_.find(uuid);
  if (found == entries_.end() || found->second.record.status != Status::running) return;
  found->second.record.progress = progress.fraction;
  found->second.record.progress_json = std::move(progress.details_json);
}

std::optional<Training> LiveTrainings::end(std::string_view uuid, Settled settled,
                                           const std::function<void(Training&)>& change) {
  Training record;
  OnEnd on_end;
  {
    const Lock lock(mutex_);
    const auto found = entries_.find(uuid);
    if (found == entries_.end() || found->second.record.status != Status::running) return std::nullopt;
    if (found->second.settled && settled == Settled::not_those) return std::nullopt;
    change(found->second.record);
    found->second.record.finished = SystemClock::now();
    record = found->second.record;
    on_end = std::exchange(found->second.on_end, nullptr);
  }
  if (auto put = journal_.put(record); !put) {
    log::error("the end of training " + record.uuid + " could not be kept: " + put.error().message,
               {.model = record.model, .component = kComponent});
  }
  {
    const Lock lock(mutex_);
    const auto found = entries_.find(uuid);
    if (found != entries_.end()) {
      found->second.journaled = true;
      drop_if_over(found);
    }
  }
  if (on_end) on_end(record);
  return record;
}

void LiveTrainings::end(std::string_view uuid, Result<hosting::Output> output, std::string_view request_id,
                        std::string new_version) {
  const auto record = end(uuid, Settled::too, [&](Training& ended) {
    ended.new_version = std::move(new_version);
    apply(output, ended, request_id);
  });
  if (!record) return;
  if (!record->new_version.empty()) {
    log::info("training " + record->uuid + " made version " + record->new_version,
              {.request_id = request_id, .model = record->model, .component = kComponent});
  }
  if (output) return;
  log::warning("training " + record->uuid + " ended: " + output.error().message,
               {.request_id = request_id, .model = record->model, .component = kComponent});
}

std::optional<Training> LiveTrainings::cancel(std::string_view uuid) {
  return end(uuid, Settled::not_those, [](Training& record) {
    record.status = Status::cancelled;
    record.code = Code::cancelled;
  });
}

bool LiveTrainings::settle(std::string_view uuid) {
  const Lock lock(mutex_);
  const auto found = entries_.find(uuid);
  if (found == entries_.end() || found->second.record.status != Status::running) return false;
  return found->second.settled = true;
}

bool LiveTrainings::is_running(std::string_view uuid) const {
  const Lock lock(mutex_);
  const auto found = entries_.find(uuid);
  return found != entries_.end() && found->second.record.status == Status::running;
}

void LiveTrainings::fail(std::string_view uuid, const Error& error, std::string_view request_id) {
  {
    const Lock lock(mutex_);
    if (const auto found = entries_.find(uuid); found != entries_.end()) found->second.on_end = nullptr;
  }
  end(uuid, tl::unexpected<Error>(error), request_id);
  leave(uuid);
}

void LiveTrainings::leave(std::string_view uuid) {
  const Lock lock(mutex_);
  const auto found = entries_.find(uuid);
  if (found == entries_.end()) return;
  found->second.left = true;
  drop_if_over(found);
}

void LiveTrainings::drop_if_over(Entries::iterator entry) {
  if (!entry->second.left || !entry->second.journaled) return;
  undertaker_.bury(std::move(entry->second.run));
  entries_.erase(entry);
}

std::optional<Training> LiveTrainings::find(std::string_view uuid) const {
  const Lock lock(mutex_);
  const auto found = entries_.find(uuid);
  if (found == entries_.end()) return std::nullopt;
  return found->second.record;
}

void LiveTrainings::stop(std::string_view uuid) {
  std::shared_ptr<hosting::Run> run;
  {
    const Lock lock(mutex_);
    if (const auto found = entries_.find(uuid); found != entries_.end()) run = found->second.run;
  }
  if (run) stop_run(run);
}

void LiveTrainings::stop_run(const std::shared_ptr<hosting::Run>& run) {
  run->request_stop();
  undertaker_.kill_later(run, options_.stop_grace);
}

void LiveTrainings::request_stop() {
  std::vector<std::shared_ptr<hosting::Run>> running;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    for (const auto& [uuid, entry] : entries_) running.push_back(entry.run);
  }
  for (const auto& run : running) {
    if (run) run->request_stop();
  }
}

void LiveTrainings::end_all() {
  std::vector<std::pair<std::string, std::shared_ptr<hosting::Run>>> running;
  {
    const Lock lock(mutex_);
    for (const auto& [uuid, entry] : entries_) running.emplace_back(uuid, entry.run);
  }
  for (const auto& [uuid, run] : running) {
    end(uuid, Settled::too, [](Training& record) {
      record.status = Status::cancelled;
      record.code = Code::cancelled;
      record.message = "The server was stopped";
    });
    if (run) run->kill();
  }
  // Now, rather than with this: a callback may hold it for a moment longer, on a thread that must not join.
  undertaker_.stop();
  Entries entries;
  const Lock lock(mutex_);
  entries.swap(entries_);
}

}  // namespace berth::training
