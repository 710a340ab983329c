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
    std::size_t max_bytes = std::numeric_limits<std::size_t>::max();  // that tasks hold until they have run
  };
  explicit TaskThreads(const Options& options);
  ~TaskThreads() { close(); }

  // Tasks begin in the order in which they are posted. False: too much waits already, or close() was called, and the
  // task was not taken. One that holds more than max_bytes is taken where no other holds any. [any]
  bool post(std::function<void()> task, std::size_t bytes = 0);
  // Waits until what was posted before has run. Of one thread, and not from a task. [blocks]
  void settle();
  // Runs what waits, and ends the threads. Not from a task.
  void close();

 private:
  struct Task {
    std::function<void()> run;
    std::size_t bytes = 0;
  };
  void work();

  const std::size_t max_waiting_, max_bytes_;
  Mutex mutex_;
  Condition changed_;
  std::deque<Task> tasks_ BERTH_GUARDED_BY(mutex_);
  std::size_t bytes_ BERTH_GUARDED_BY(mutex_) = 0;  // of those that wait or run
  bool closed_ BERTH_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: they use the others
};

}  // namespace berth
