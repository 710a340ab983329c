// SPDX-License-Identifier: Apache-2.0
// Publisher: the thread on which what trainings wrote becomes versions of their models, one after another.
#pragma once

#include <deque>
#include <functional>
#include <thread>

#include "base/mutex.h"

namespace berth::training {

// Its tasks wait for the disk; no more of them come than trainings may run.
class Publisher {
 public:
  Publisher();
  ~Publisher();

  void post(std::function<void()> task);  // [any]
  // Does what was posted, and ends the thread; what is posted later is dropped. Not from a task.
  void stop();

 private:
  void work();

  Mutex mutex_;
  Condition changed_;
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> tasks_ BERTH_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: it uses the others
};

}  // namespace berth::training
