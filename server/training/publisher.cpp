// SPDX-License-Identifier: Apache-2.0
#include "training/publisher.h"

#include <pthread.h>

#include <utility>

namespace berth::training {

Publisher::Publisher() : thread_([this] { work(); }) {}

Publisher::~Publisher() { stop(); }

void Publisher::post(std::function<void()> task) {
  {
    const Lock lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Publisher::stop() {
  if (!thread_.joinable()) return;
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Publisher::work() {
  pthread_setname_np(pthread_self(), "berth-publish");
  while (true) {
    std::function<void()> task;
    {
      const Lock lock(mutex_);
      while (tasks_.empty() && !stopping_) changed_.wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace berth::training
