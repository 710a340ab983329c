// SPDX-License-Identifier: Apache-2.0
// TaskThreads: a few threads for what takes too long, or waits, on those that serve.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace berth {

class TaskThreads {
 public:
  struct Options {
    std::string name;  // of the threads, at most 15 bytes
    std::size_t threads = 1;
    std::size_t max_waiting = std::numeric_limits<std::size_t>::max();
  };
  explicit TaskThreads(const Options& options);
  ~TaskThreads() { close(); }

  // Tasks begin in the order in which they are posted. False: too much waits already, or close() was called, and the
  // task was not taken. [any]
  bool post(std::function<void()> task);
  // Runs what waits, and ends the threads. Not from a task.
  void close();

 private:
  void work();

  const std::size_t max_waiting_;
  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> tasks_ BERTH_GUARDED_BY(mutex_);
  bool closed_ BERTH_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: they use the others
};

}  // namespace berth
