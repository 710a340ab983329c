// SPDX-License-Identifier: Apache-2.0
// PasswordThreads: where passwords are hashed, which takes too long for the threads that serve.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace berth::identity {

class PasswordThreads {
 public:
  // Each hash takes memory and a processor, so few run at once.
  PasswordThreads(std::size_t threads, std::size_t max_waiting);
  ~PasswordThreads() { close(); }

  // Runs what waits, and ends the threads. Not on one of them.
  void close();

  // False: too much waits already, and the task was not taken. [any]
  bool post(std::function<void()> task);

 private:
  void work();

  const std::size_t max_waiting_;
  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> tasks_ BERTH_GUARDED_BY(mutex_);
  bool closed_ BERTH_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: they use the others
};

}  // namespace berth::identity
