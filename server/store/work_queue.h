// SPDX-License-Identifier: Apache-2.0
// WorkQueue: what waits for a thread of the database.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "base/mutex.h"

namespace berth::store {

template <typename T>
class WorkQueue {
 public:
  using Clock = std::chrono::steady_clock;
  explicit WorkQueue(std::size_t bound) : bound_(bound) {}

  // False: there is no room, and `work` is as it was. [any]
  bool push(T& work) {
    {
      const Lock lock(mutex_);
      if (waiting_.size() >= bound_) return false;
      waiting_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
  }

  // Nothing where none came until then, or none will come any more; then `closed` says so.
  std::optional<T> pop(Clock::time_point deadline, bool& closed) {
    const Lock lock(mutex_);
    if (!wait(deadline, closed)) return std::nullopt;
    std::optional<T> work(std::move(waiting_.front()));
    waiting_.pop_front();
    return work;
  }
  // Likewise, all that waits.
  std::deque<T> pop_all(Clock::time_point deadline, bool& closed) {
    const Lock lock(mutex_);
    if (!wait(deadline, closed)) return {};
    return std::exchange(waiting_, {});
  }

  // What waits is still given out. [any]
  void close() {
    {
      const Lock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  bool wait(Clock::time_point deadline, bool& closed) BERTH_REQUIRES(mutex_) {
    while (waiting_.empty() && !closed_) {
      if (!changed_.wait_until(mutex_, deadline)) break;
    }
    closed = closed_ && waiting_.empty();
    return !waiting_.empty();
  }

  const std::size_t bound_;
  Mutex mutex_;
  Condition changed_;
  std::deque<T> waiting_ BERTH_GUARDED_BY(mutex_);
  bool closed_ BERTH_GUARDED_BY(mutex_) = false;
};

}  // namespace berth::store
