// SPDX-License-Identifier: Apache-2.0
// WorkerProcess: one berth-worker from its start to its reaping, with what its plugin asks of the host meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/mutex.h"
#include "base/rate_bound.h"
#include "base/unique_fd.h"
#include "hosting/crash_reporter.h"
#include "hosting/metric_table.h"
#include "hosting/model.h"
#include "hosting/output_log.h"
#include "hosting/output_pipe.h"
#include "hosting/registry.h"
#include "hosting/spawn.h"
#include "hosting/supervisor.h"
#include "hosting/usage_watch.h"
#include "worker/channel.h"
#include "worker/memory.h"
#include "worker/protocol.h"

namespace berth::hosting {

// The name of the report of a worker's death, which those must agree on who hear of it first.
class CrashName {
 public:
  std::string get();  // [any]

 private:
  Mutex mutex_;
  std::string name_ BERTH_GUARDED_BY(mutex_);
};

// Why a worker was killed over one of its limits: told to whoever waits for its answers. [any]
class Verdict {
 public:
  void say(Error error) {
    const Lock lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  std::optional<Error> get() const {
    const Lock lock(mutex_);
    return error_;
  }

 private:
  mutable Mutex mutex_;
  std::optional<Error> error_ BERTH_GUARDED_BY(mutex_);
};

// What those need who send calls to a worker and take its answers. At any time one of them has it to himself: the
// sender until the packet is out, then whoever receives the answer.
struct WorkerLink {
  UniqueFd control;
  worker::SharedMemory memory;
  worker::Packet packet;
  std::shared_ptr<OutputPipe> output;   // told of the calls that begin and end
  std::atomic<std::uint64_t> call = 0;  // the number of the one whose CPU time is counted; 0: none
  Verdict verdict;                      // said before it is killed
  CrashName crash;
};

// What one that trains is given besides.
struct TrainingFolders {
  std::filesystem::path models_dir;  // where the next version of its model goes, if it can be written
  std::filesystem::path data_dir;    // it may be read; "" = none
};

// Everything happens on the supervisor's loop, the callbacks too.
class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  struct Spec {
    Source source;
    ServingOptions serving;
    std::filesystem::path program;
    Fetch fetch;
    std::shared_ptr<MetricTable> metrics;
    std::shared_ptr<CrashReporter> crashes = {};  // null: deaths are not reported
    // What the package's files were when they were checked: none serves from others. "": it does not matter.
    std::string package_identity = {};
    std::optional<TrainingFolders> training = {};
    bool yields = false;  // to what serves, until it is told otherwise (take_processor)
  };
  struct Ended {
    bool was_ready = false;
    bool refused = false;  // it answered that it cannot serve, rather than dying
    std::string reason;
    std::string request_ids = {};   // of the calls that it had, joined by commas
    std::string crash_report = {};  // "": there is none
  };
  // Who kills it, and what is made of that.
  enum class Manner {
    quiet,  // it is not wanted any more
    blame,  // its death is reported
    ask,    // so it is, with its stack, which it has a moment to tell
    left,   // it seems to be ending, and is given a moment for that
  };
  struct Events {
    std::function<void(Description&&)> ready;  // at most once: it may be given calls
    std::function<void(Progress&&)> progress;  // may be empty; details are an object, or ""
    std::function<void(const Ended&)> ended;   // once, last, when nothing is left of it
  };

  // conflict: the package is not the one that was checked any more.
  static Result<std::shared_ptr<WorkerProcess>> start(std::shared_ptr<Supervisor> supervisor, const Spec& spec,
                                                      Events events);
  ~WorkerProcess();

  int pid() const { return pid_; }
  const std::shared_ptr<WorkerLink>& link() const { return link_; }

  // Asks it to leave; killed where it does not within `grace`.
  void end(std::chrono::milliseconds grace);
  // `reason`: what Ended tells; the first one given stays, as does the first manner. quiet and blame kill at once. ask
  // kills once it told its stack, or after a moment; at once where deaths are not reported. left kills after a moment,
  // with blame and a reason of its own (`reason` is not used), and does nothing where it is being killed. Events::ended
  // comes later, in every case.
  void kill(std::string reason, Manner manner = Manner::quiet);
  // Handles what it said so far on the side socket.
  void take_side_messages();
  // Of one that trains: what it wrote as the next version of its model, to be looked at once it has ended; null where
  // it wrote nothing. Its scratch folder then goes with the package. Call it once.
  std::shared_ptr<NewPackage> take_package();

 private:
  WorkerProcess(std::shared_ptr<Supervisor> supervisor, const Spec& spec, Events events);
  Result<> launch(const Spec& spec);
  Result<> spawn(const Spec& spec, const std::vector<int>& inherited);
  void attend(std::chrono::milliseconds load_timeout);
  Result<> make_new_package(const TrainingFolders& folders);
  Result<> send_load(const Spec& spec);
  void on_side_readable(std::uint32_t events);
  bool take_side_message();
  bool on_message();
  bool on_ready();
  void on_progress(const worker::Progress& progress);
  void on_fetch(std::uint64_t id, std::string url);
  void send_fetched(std::uint64_t id, const Result<File>& file);
  void look_at_usage();
  void on_exit();
  void kill_now(Manner manner);
  void ask_for_stack();
  void remove_scratch();
  bool is_crash(const Exit& exit) const;
  void report(const Exit& exit);

  const std::shared_ptr<Supervisor> supervisor_;
  const Source source_;
  const WorkerLimits limits_;
  const std::shared_ptr<CrashReporter> crashes_;
  const Fetch fetch_;
  const std::shared_ptr<MetricTable> metrics_;
  Events events_;
  std::filesystem::path scratch_;
  std::filesystem::path models_dir_;   // where its next version goes
  std::filesystem::path new_package_;  // in scratch_; "" = it is given none
  bool gave_package_ = false;          // scratch_ is the package's
  std::shared_ptr<WorkerLink> link_;
  UniqueFd side_;
  std::unique_ptr<worker::Packet> packet_;
  Child child_;
  int pid_ = 0;
  bool ready_ = false;
  bool refused_ = false;
  bool fetching_ = false;  // it waits for the answer to a fetch
  std::string reason_;
  std::string process_state_;
  bool leaving_ = false;          // it was asked to
  bool asked_ = false;            // for its stack
  std::optional<Manner> killed_;  // how, if at all
  std::unique_ptr<OutputLog> output_;
  RateBound side_rate_;
  RateBound progress_rate_;
  Loop::Timer side_resumed_;
  Loop::Timer deadline_;
  Loop::Timer kill_later_;
  Loop::Timer next_look_;
  UsageWatch usage_watch_;
  Loop::Watch side_watch_;
  Loop::Watch exit_watch_;
};

}  // namespace berth::hosting
