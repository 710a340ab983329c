// SPDX-License-Identifier: Apache-2.0
// HostedModel: keeps a model's workers running and knows how it stands.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/mutex.h"
#include "hosting/executor.h"
#include "hosting/model.h"
#include "hosting/restart_delay.h"
#include "hosting/supervisor.h"
#include "hosting/worker_process.h"

namespace berth::hosting {

class HostedModel : public Model, public std::enable_shared_from_this<HostedModel> {
 public:
  // `loops`: where its workers' answers are taken, one each in turn from `first_loop` on; not empty.
  HostedModel(std::shared_ptr<Supervisor> supervisor, WorkerProcess::Spec spec, std::vector<Loop*> loops,
              std::size_t first_loop);

  const Source& source() const override { return spec_.source; }
  std::shared_ptr<const Description> description() const override;
  Status status() const override;
  void submit(Call call, OnOutcome on_outcome) override { executor_->submit(std::move(call), std::move(on_outcome)); }
  Statistics& statistics() override { return executor_->statistics(); }
  MetricTable::Values own_metrics() const override { return spec_.metrics->values(); }

  const WorkerProcess::Spec& spec() const { return spec_; }

  // Starts its workers; `beside` what serves, whose calls come first. `on_change` is called each time it becomes ready
  // or unavailable, on the supervisor's thread; it must not block. [any]
  void start(std::function<void()> on_change, bool beside = false);
  // It serves what it has, and then its workers end. [any]
  void retire();
  // No new calls; those it has are served.
  void begin_drain();
  bool wait_until_idle(Loop::Clock::time_point deadline) { return executor_->wait_until_idle(deadline); }
  // Answers what is left with cancelled and ends the workers; they are gone a little later. [any]
  void stop();
  // After stop(), when no process is left: lets go of the loops. Not from a loop's thread.
  void detach() { executor_->detach(); }

 private:
  struct Slot {
    std::shared_ptr<WorkerProcess> process;
    bool starting = false;  // it takes up one of the supervisor's places
    bool yields = false;    // to what serves
    Loop::Clock::time_point ready_at;
    std::shared_ptr<const WorkerUse> use;
    Loop::Timer restart;
  };

  void start_worker(std::size_t index);
  void stop_yielding();
  void launch(std::size_t index);
  void on_ready(std::size_t index, Description&& description);
  void on_ended(std::size_t index, const WorkerProcess::Ended& ended);
  void start_later(std::size_t index, std::chrono::milliseconds delay);
  void tell_trouble(const std::string& reason, std::chrono::milliseconds delay);
  void become_ready(Description&& description);
  void become_unavailable(const std::string& reason);
  void leave_when_idle();
  void end_workers();
  bool stopping() const;

  const std::shared_ptr<Supervisor> supervisor_;
  const WorkerProcess::Spec spec_;
  const std::vector<Loop*> loops_;
  std::size_t next_loop_;  // [supervisor]
  const std::shared_ptr<Executor> executor_;
  std::vector<Slot> slots_;     // [supervisor]
  RestartDelay restart_delay_;  // [supervisor]
  bool beside_ = false;         // [supervisor] others serve until it is ready
  Loop::Timer patience_;        // [supervisor] after which its workers yield no longer

  std::function<void()> on_change_;  // [supervisor]
  Loop::Timer leaving_;              // [supervisor]

  mutable Mutex mutex_;
  State state_ BERTH_GUARDED_BY(mutex_) = State::loading;
  std::string reason_ BERTH_GUARDED_BY(mutex_);
  std::string trouble_ BERTH_GUARDED_BY(mutex_);  // why its workers are not replaced at once; till trouble_until_
  Loop::Clock::time_point trouble_until_ BERTH_GUARDED_BY(mutex_);
  std::shared_ptr<const Description> description_ BERTH_GUARDED_BY(mutex_);
  std::vector<int> starting_ BERTH_GUARDED_BY(mutex_);  // pids
  std::uint64_t restarts_ BERTH_GUARDED_BY(mutex_) = 0;
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
};

}  // namespace berth::hosting
