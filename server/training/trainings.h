// SPDX-License-Identifier: Apache-2.0
// Trainings: long runs of models, each in a worker of its own, and the record of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hosting/call.h"
#include "hosting/registry.h"

namespace berth::training {

enum class Status { running, done, error, cancelled };
std::string_view to_string(Status status);  // [any]

// A training as it was when asked for; a value.
struct Training {
  std::string uuid;  // 32 hex digits
  std::string model;
  std::string version;
  std::string args_json;
  std::int64_t owner = 0;  // the user who started it; 0: nobody in particular
  std::chrono::system_clock::time_point started;
  Status status = Status::running;
  double progress = 0;
  std::string progress_json;
  std::optional<std::chrono::system_clock::time_point> finished;
  hosting::Output output;           // done
  std::string new_version;          // done: of the model, that it wrote; "" = none
  std::string message;              // error, and why it was cancelled: for the client
  Code code = Code::internal;       // error: what kind
  std::optional<int> model_status;  // error: the status that the model chose
};

// Keeps them; called from several threads. The first implementation keeps them in memory; one that survives a restart
// takes its place unchanged.
class Journal {
 public:
  virtual ~Journal() = default;
  // Inserts, or replaces by uuid. unavailable: it cannot be kept. [any]
  virtual Result<> put(const Training& training) = 0;
  // nullopt: unknown, or no longer kept. [any]
  virtual std::optional<Training> get(std::string_view uuid) const = 0;
  // Of one model, oldest first; empty for a model that nobody knows. [any]
  virtual std::vector<Training> list(std::string_view model) const = 0;
};
// How many ended ones are kept, and how much memory they may take together; the oldest go first. The newest one is kept
// whatever its size.
struct JournalLimits {
  std::size_t max_finished = 1000;
  std::size_t max_finished_bytes = 256UL * 1024 * 1024;
};
// Never fails to keep one. [any]
std::unique_ptr<Journal> make_memory_journal(JournalLimits limits = {});

using CheckOutput = std::function<Result<hosting::Output>(hosting::Output)>;

struct TrainingsOptions {
  std::size_t max_running = 4;                  // beyond: busy
  std::chrono::milliseconds stop_grace{5'000};  // from the stop flag to the kill
};

class Trainings {
 public:
  // `registry` must outlive it.
  Trainings(hosting::Registry& registry, std::unique_ptr<Journal> journal, TrainingsOptions options);
  ~Trainings();  // kills what runs, and keeps it as cancelled. Not from one of its callbacks.

  // What a training wrote as the next version of its model becomes one before it is done, or fails it. `check_output`
  // (may be empty) sees what the model returned before anybody else does; its error becomes the
  // training's. `on_end` (may be empty) is called once, on any thread, when it ended; never where start fails. Errors:
  // busy (max_running), unavailable (the server is about to end), as Journal::put and Registry::start_run. [any]
  Result<Training> start(const hosting::ModelPtr& model, hosting::Call call, std::function<void(Training)> on_end,
                         CheckOutput check_output = {}, std::int64_t owner = 0);
  // As Journal::list, with what running ones have reached by now. [any]
  std::vector<Training> list(std::string_view model) const;
  // not_found: unknown, another model's, or no longer kept. [any]
  Result<Training> get(std::string_view model, std::string_view uuid) const;
  // Sets the stop flag, kills after stop_grace; the record is cancelled at once. One that had ended, or whose new
  // version is just appearing, is returned as it is. Errors: as get. [any]
  Result<Training> cancel(std::string_view model, std::string_view uuid);
  // The server is about to end: no new ones (unavailable), and the stop flag of all that run. What they still return
  // counts. [any]
  void request_stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace berth::training
