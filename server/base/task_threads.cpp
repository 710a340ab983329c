// SPDX-License-Identifier: Apache-2.0
#include "base/task_threads.h"

#include <pthread.h>

#include <utility>

namespace berth {

TaskThreads::TaskThreads(const Options& options) : max_waiting_(options.max_waiting) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this, name = options.name] {
      ::pthread_setname_np(::pthread_self(), name.c_str());
      work();
    });
  }
}

bool TaskThreads::post(std::function<void()> task) {
  {
    const Lock lock(mutex_);
    if (closed_ || tasks_.size() >= max_waiting_) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void TaskThreads::close() {
  {
    const Lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

void TaskThreads::work() {
  while (true) {
    std::function<void()> task;
    {
      const Lock lock(mutex_);
      while (tasks_.empty() && !closed_) changed_.wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace berth
