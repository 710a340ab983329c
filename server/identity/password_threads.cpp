// SPDX-License-Identifier: Apache-2.0
#include "identity/password_threads.h"

#include <pthread.h>

#include <utility>

namespace berth::identity {

PasswordThreads::PasswordThreads(std::size_t threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      ::pthread_setname_np(::pthread_self(), "passwords");
      work();
    });
  }
}

void PasswordThreads::close() {
  {
    const Lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

bool PasswordThreads::post(std::function<void()> task) {
  {
    const Lock lock(mutex_);
    if (tasks_.size() >= max_waiting_) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void PasswordThreads::work() {
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

}  // namespace berth::identity
