// SPDX-License-Identifier: Apache-2.0
// Undertaker: the thread that kills cancelled runs which do not stop, and lets go of runs that have ended.
#pragma once

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "hosting/model.h"

namespace berth::training {

// A run is destroyed on this thread, never inside a callback of its own.
class Undertaker {
 public:
  Undertaker();
  ~Undertaker();

  // Kills what still waits for its grace, and ends the thread. Not from a run's callback.
  void stop();

  // Kills the run `grace` from now, unless nobody else holds it any more by then. [any]
  void kill_later(const std::shared_ptr<hosting::Run>& run, std::chrono::milliseconds grace);
  // Lets go of it, soon. Null is fine. [any]
  void bury(std::shared_ptr<hosting::Run> run);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Clock::time_point when;
    std::weak_ptr<hosting::Run> run;
  };

  void work();
  // What is due now; `stopping` makes everything due.
  std::vector<std::shared_ptr<hosting::Run>> take_due(Clock::time_point now) BERTH_REQUIRES(mutex_);
  void wait() BERTH_REQUIRES(mutex_);

  Mutex mutex_;
  Condition changed_;
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
  std::vector<Waiting> waiting_ BERTH_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<hosting::Run>> buried_ BERTH_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: it uses the others
};

}  // namespace berth::training
