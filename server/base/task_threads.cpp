// SPDX-License-Identifier: Apache-2.0
#include "base/task_threads.h"

#include <pthread.h>

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

namespace berth {

TaskThreads::TaskThreads(const Options& options) : max_waiting_(options.max_waiting), max_bytes_(options.max_bytes) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this, name = options.name] {
      ::pthread_setname_np(::pthread_self(), name.c_str());
      work();
    });
  }
}

bool TaskThreads::post(std::function<void()> task, std::size_t bytes) {
  {
    const Lock lock(mutex_);
    if (closed_ || tasks_.size() >= max_waiting_) return false;
    if (bytes_ > 0 && bytes > max_bytes_ - std::min(bytes_, max_bytes_)) return false;
    bytes_ += bytes;
    tasks_.push_back({std::move(task), bytes});
  }
  changed_.notify_one();
  return true;
}

void TaskThreads::settle() {
  const auto mark = std::make_shared<std::promise<void>>();
  {
    const Lock lock(mutex_);
    if (closed_) return;
    tasks_.push_back({[mark] { mark->set_value(); }});
  }
  changed_.notify_one();
  mark->get_future().wait();
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
    Task task;
    {
      const Lock lock(mutex_);
      while (tasks_.empty() && !closed_) changed_.wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task.run();
    task.run = nullptr;  // with what it holds
    const Lock lock(mutex_);
    bytes_ -= task.bytes;
  }
}

}  // namespace berth
