// SPDX-License-Identifier: Apache-2.0
// LiveTrainings: the trainings whose workers have not left yet. Their records count, not the journal's, until the
// journal has them as they ended.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "training/trainings.h"
#include "training/undertaker.h"

namespace berth::training {

// A training is entered, attached to its run, ended (by its outcome, or cancelled), and has left when its worker is
// gone; the last three may come in any order. What is asked of one that is not there is ignored.
class LiveTrainings {
 public:
  using OnEnd = std::function<void(Training)>;

  // `journal` must outlive it.
  LiveTrainings(Journal& journal, TrainingsOptions options) : journal_(journal), options_(options) {}

  // Takes a slot, and writes the record down before anything runs. Errors: busy (max_running), unavailable
  // (request_stop was called), as Journal::put. [any]
  Result<Training> enter(const hosting::Model& model, const hosting::Call& call, std::int64_t owner, OnEnd on_end);
  // Its run, to be stopped at once where it was cancelled meanwhile. [any]
  void attach(const std::string& uuid, std::unique_ptr<hosting::Run> run);
  void set_progress(std::string_view uuid, hosting::Progress progress);  // [any]

  // By its outcome; an error goes to the log, and so does a new version. [any]
  void end(std::string_view uuid, Result<hosting::Output> output, std::string_view request_id,
           std::string new_version = {});
  // As end, of one that did not settle. [any]
  std::optional<Training> cancel(std::string_view uuid);
  // It is about to be done, and can no longer be cancelled; false where it does not run. [any]
  bool settle(std::string_view uuid);
  bool is_running(std::string_view uuid) const;  // [any]
  // It never began: who asked for it hears the error, and on_end nothing. [any]
  void fail(std::string_view uuid, const Error& error, std::string_view request_id);
  // Its worker is gone. [any]
  void leave(std::string_view uuid);

  std::optional<Training> find(std::string_view uuid) const;  // [any]

  // Sets the stop flag of one, and kills it after stop_grace. [any]
  void stop(std::string_view uuid);
  // No new ones, and the stop flag of all. [any]
  void request_stop();
  // Kills all, and keeps them as cancelled. Call last, and not from one of their callbacks.
  void end_all();

 private:
  struct Entry {
    Training record;
    std::shared_ptr<hosting::Run> run;  // null until attached
    OnEnd on_end;
    bool settled = false;    // it cannot be cancelled any more
    bool journaled = false;  // the journal has the record as it ended
    bool left = false;       // the worker is gone
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  enum class Settled { too, not_those };
  // How one that still runs ended: changes its record, keeps it, and tells on_end. Nullopt where it does not run.
  std::optional<Training> end(std::string_view uuid, Settled settled, const std::function<void(Training&)>& change);
  void drop_if_over(Entries::iterator entry) BERTH_REQUIRES(mutex_);
  void stop_run(const std::shared_ptr<hosting::Run>& run);

  Journal& journal_;
  const TrainingsOptions options_;
  mutable Mutex mutex_;
  Entries entries_ BERTH_GUARDED_BY(mutex_);
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
  Undertaker undertaker_;
};

}  // namespace berth::training
