// SPDX-License-Identifier: Apache-2.0
// Executor: a model's bounded queue, its batches, and the workers that serve them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/mutex.h"
#include "base/result.h"
#include "hosting/call_codec.h"
#include "hosting/model.h"
#include "hosting/statistics.h"
#include "hosting/supervisor.h"
#include "hosting/worker_process.h"

namespace berth::hosting {

// What a worker was used for so far. [any]
struct WorkerUse {
  std::atomic<bool> called = false;    // it got a call
  std::atomic<bool> answered = false;  // it answered one
};

// A call is handed to an idle worker on the thread that submits it, and answered on the loop that watches that
// worker's socket: two wake-ups, no thread between them. No lock is held while bytes are copied or a callback runs.
class Executor : public std::enable_shared_from_this<Executor> {
 public:
  // `supervisor`'s loop sees to deadlines and large copies.
  // `crashes`: named in answers, and given what lost workers had; may be null.
  Executor(std::string name, std::string version, const ServingOptions& serving, std::shared_ptr<Supervisor> supervisor,
           std::shared_ptr<CrashReporter> crashes = nullptr);
  ~Executor();  // [any]: whoever held its model last
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // As Model::submit; calls wait whether a worker is there or not. [any]
  void submit(Call call, OnOutcome on_outcome);

  using KillWorker = std::function<void(std::string reason, WorkerProcess::Manner manner)>;
  // Gives it a worker, until its socket is gone. Its answers are taken on `loop`; `kill` ends its process, [any].
  // [supervisor]
  std::shared_ptr<const WorkerUse> add_worker(std::shared_ptr<WorkerLink> link, Loop* loop, int pid, bool batches,
                                              KillWorker kill);

  // That worker's process has ended. What it had said is taken, what it still had goes back to the queue's head; then
  // `then` runs on the supervisor's loop: whoever comes in its place finds those calls first. [supervisor]
  void worker_ended(int pid, Loop::Task then);

  // From now on calls are refused with `reason`, and those waiting too; nothing undoes `for_good`. [any]
  void refuse(const Error& reason, bool for_good = false);
  void accept();  // undoes refuse
  // New calls are refused with `reason`, waiting ones are still served. [any]
  void refuse_new(Error reason);

  // False: not everything was answered by then. Not from a loop's thread.
  bool wait_until_idle(Loop::Clock::time_point deadline);
  // Waits until no loop watches a worker any more; all their processes have ended. Not from a loop's thread.
  void detach();

  Statistics& statistics() { return statistics_; }  // it counts executions, nothing else. [any]

  bool is_idle() const;                       // no call waits or runs, no answer is on its way. [any]
  std::vector<WorkerStatus> workers() const;  // [any]
  std::size_t queued() const;                 // [any]
  std::size_t worker_count() const;           // [any]

 private:
  using Clock = Loop::Clock;
  // Shared, because a thread may still copy from it while another has found its worker dead.
  struct Pending;
  using PendingPtr = std::shared_ptr<Pending>;
  struct Seat;  // a worker as the executor sees it
  using SeatPtr = std::shared_ptr<Seat>;
  struct Finished {
    PendingPtr call;
    Result<Output> output;
  };
  enum class Why { died, timed_out, not_delivered };
  // What a lost worker had.
  struct Loss {
    std::vector<Finished> finished;  // what is not tried again
    std::vector<PendingPtr> input;   // what is kept beside the crash report
    std::string crash;               // that report's id; "": there is none
    std::string told, request_ids;   // for the log; "": it had nothing
  };

  void pump();
  SeatPtr idle_seat() BERTH_REQUIRES(mutex_);
  bool take_batch(Seat& seat) BERTH_REQUIRES(mutex_);
  bool waits_for_company(const Seat& seat) BERTH_REQUIRES(mutex_);
  void send(const SeatPtr& seat, const std::vector<PendingPtr>& batch, std::uint64_t sequence);
  static std::vector<std::string> request_ids(const std::vector<PendingPtr>& batch);
  static bool write_batch(worker::Writer& writer, worker::Region& region, const std::vector<PendingPtr>& batch,
                          std::uint64_t sequence);

  void watch(const SeatPtr& seat);
  bool take_message(const SeatPtr& seat);
  void forget(const SeatPtr& seat);
  bool take_done(const SeatPtr& seat);
  void finish(const SeatPtr& seat, std::uint64_t compute_ns, std::vector<RawAnswer>&& answers, Clock::time_point from);
  void lose(const SeatPtr& seat, Why why);
  std::optional<Loss> take_back(const SeatPtr& seat, Why why) BERTH_REQUIRES(mutex_);
  void put_back(const PendingPtr& call, Why why, bool alone, const std::string& crash, std::vector<Finished>& finished)
      BERTH_REQUIRES(mutex_);
  void give(std::vector<Finished>&& finished) const;
  void answer(Pending& call, Outcome&& outcome) const;

  bool idle() const BERTH_REQUIRES(mutex_);
  void keep_ticking() BERTH_REQUIRES(mutex_);
  void tick();
  bool expire(Clock::time_point now, std::vector<SeatPtr>& late, std::vector<SeatPtr>& trimmed,
              std::vector<Finished>& finished) BERTH_REQUIRES(mutex_);
  void trim(const SeatPtr& seat);
  std::chrono::seconds retry_after() const BERTH_REQUIRES(mutex_);

  const std::string name_;
  const std::string version_;
  const ServingOptions serving_;
  const std::shared_ptr<Supervisor> supervisor_;
  const std::shared_ptr<CrashReporter> crashes_;
  const std::chrono::milliseconds tick_interval_;
  Statistics statistics_;
  Loop::Timer ticker_;         // [supervisor]
  Loop::Timer company_timer_;  // [supervisor]

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<PendingPtr> queue_ BERTH_GUARDED_BY(mutex_);
  std::vector<SeatPtr> seats_ BERTH_GUARDED_BY(mutex_);
  std::vector<SeatPtr> watched_ BERTH_GUARDED_BY(mutex_);  // those a loop may still call back for
  std::optional<Error> refused_ BERTH_GUARDED_BY(mutex_);
  bool refused_for_good_ BERTH_GUARDED_BY(mutex_) = false;
  bool ticking_ BERTH_GUARDED_BY(mutex_) = false;
  bool company_awaited_ BERTH_GUARDED_BY(mutex_) = false;
  std::size_t finishing_ BERTH_GUARDED_BY(mutex_) = 0;  // answers taken whose callbacks have not returned
  double service_ns_ BERTH_GUARDED_BY(mutex_) = 0;      // a running mean of how long a call keeps a worker
};

}  // namespace berth::hosting
