// SPDX-License-Identifier: Apache-2.0
#include "training/undertaker.h"

#include <pthread.h>

#include <algorithm>

namespace berth::training {

Undertaker::Undertaker() : thread_([this] { work(); }) {}

Undertaker::~Undertaker() { stop(); }

void Undertaker::stop() {
  if (!thread_.joinable()) return;
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Undertaker::kill_later(const std::shared_ptr<hosting::Run>& run, std::chrono::milliseconds grace) {
  {
    const Lock lock(mutex_);
    waiting_.push_back({Clock::now() + grace, run});
  }
  changed_.notify_all();
}

void Undertaker::bury(std::shared_ptr<hosting::Run> run) {
  if (!run) return;
  {
    const Lock lock(mutex_);
    buried_.push_back(std::move(run));
  }
  changed_.notify_all();
}

std::vector<std::shared_ptr<hosting::Run>> Undertaker::take_due(Clock::time_point now) {
  std::vector<std::shared_ptr<hosting::Run>> due;
  const bool all = stopping_;
  const auto is_due = [&](const Waiting& waiting) { return all || waiting.when <= now; };
  for (const auto& waiting : waiting_) {
    if (!is_due(waiting)) continue;
    if (auto run = waiting.run.lock()) due.push_back(std::move(run));
  }
  std::erase_if(waiting_, is_due);
  return due;
}

void Undertaker::wait() {
  const auto next = std::ranges::min_element(waiting_, {}, &Waiting::when);
  if (next == waiting_.end()) {
    changed_.wait(mutex_);
  } else {
    const auto when = next->when;  // the vector may change while we wait
    changed_.wait_until(mutex_, when);
  }
}

void Undertaker::work() {
  pthread_setname_np(pthread_self(), "trainings");
  while (true) {
    std::vector<std::shared_ptr<hosting::Run>> due;
    std::vector<std::shared_ptr<hosting::Run>> buried;
    bool last = false;
    {
      const Lock lock(mutex_);
      due = take_due(Clock::now());
      buried.swap(buried_);
      last = stopping_;
      if (due.empty() && buried.empty() && !last) wait();
    }
    for (const auto& run : due) run->kill();
    buried.clear();
    if (last) return;
  }
}

}  // namespace berth::training
