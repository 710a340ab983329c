// SPDX-License-Identifier: Apache-2.0
// WorkerRun: one long call (a training) in a worker of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/loop.h"
#include "hosting/call_codec.h"
#include "hosting/model.h"
#include "hosting/supervisor.h"
#include "hosting/worker_process.h"

namespace berth::hosting {

class WorkerRun : public std::enable_shared_from_this<WorkerRun> {
 public:
  struct Callbacks {
    std::function<void(Progress)> progress;
    OnOutcome outcome;
    std::function<void()> ended;  // after the outcome: nothing is left of it
  };
  // Starts at once. The callbacks come on the supervisor's loop. [any]
  static std::shared_ptr<WorkerRun> start(std::shared_ptr<Supervisor> supervisor, WorkerProcess::Spec spec, Call call,
                                          Callbacks callbacks);

  void request_stop();  // [any]
  void kill();          // [any]

 private:
  WorkerRun(std::shared_ptr<Supervisor> supervisor, WorkerProcess::Spec spec, Call call, Callbacks callbacks);
  void launch();
  void on_ready();
  void on_readable();
  void on_ended(const WorkerProcess::Ended& ended);
  void finish(Result<Output> output, std::uint64_t compute_ns = 0);
  void deliver(Outcome&& outcome);
  Outcome outcome_of(Result<Output> output, std::uint64_t compute_ns) const;

  const std::shared_ptr<Supervisor> supervisor_;
  const WorkerProcess::Spec spec_;
  const Call call_;
  Callbacks callbacks_;

  // [supervisor]
  std::shared_ptr<WorkerProcess> process_;
  Loop::Watch watch_;
  Loop::Clock::time_point sent_;
  std::optional<Outcome> held_;  // it answered, and wrote a package, which waits for its end
  bool finished_ = false;
  bool stop_wanted_ = false;
  bool kill_wanted_ = false;
};

// What the caller of start_run holds: letting go of it kills what still runs.
class RunHandle : public Run {
 public:
  explicit RunHandle(std::shared_ptr<WorkerRun> run) : run_(std::move(run)) {}
  ~RunHandle() override { run_->kill(); }
  RunHandle(const RunHandle&) = delete;
  RunHandle& operator=(const RunHandle&) = delete;
  void request_stop() override { run_->request_stop(); }
  void kill() override { run_->kill(); }

 private:
  const std::shared_ptr<WorkerRun> run_;
};

}  // namespace berth::hosting
