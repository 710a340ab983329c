// SPDX-License-Identifier: Apache-2.0
#include "hosting/priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr int kLowest = 19;
constexpr int kMaxPasses = 100;                  // over threads that start while they are looked at
constexpr double kMuchToSpare = 0.7;             // of the processors' time
constexpr std::chrono::seconds kAccountOver{1};  // at least

// The server's own; a thread of it may have others.
int usual_niceness() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid())); }
int usual_policy() { return std::max(::sched_getscheduler(::getpid()), 0); }
int lowered(int by) { return std::min(usual_niceness() + by, kLowest); }

void set_group(int pid, int niceness) {
  // 0 would be this process's own group.
  if (pid > 0) (void)::setpriority(PRIO_PGRP, static_cast<id_t>(pid), niceness);
}

bool set_policy(int thread, int policy) {
  const sched_param no_priority{};
  return ::sched_setscheduler(thread, policy, &no_priority) == 0;
}

std::vector<int> threads_of(int pid) {
  std::vector<int> threads;
  std::error_code error;
  const auto folder = fs::path("/proc") / std::to_string(pid) / "task";
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    threads.push_back(std::atoi(entry->path().filename().c_str()));
  }
  return threads;
}

std::vector<int> children_of(int pid, int thread) {
  std::ifstream stream("/proc/" + std::to_string(pid) + "/task/" + std::to_string(thread) + "/children");
  std::vector<int> children;
  for (int child = 0; stream >> child;) children.push_back(child);
  return children;
}

// Every thread of a process and of those that it started. Whether one was found that had another policy.
bool set_policy_of_all(int pid, int policy) {
  bool changed = false;
  for (const int thread : threads_of(pid)) {
    if (::sched_getscheduler(thread) != policy) changed = set_policy(thread, policy) || changed;
    for (const int child : children_of(pid, thread)) changed = set_policy_of_all(child, policy) || changed;
  }
  return changed;
}

// The part of the processors' time that was idle or went to what yields, since it was asked for last: /proc/stat counts
// that since the machine started.
class SpareTime {
 public:
  double share() {
    long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0;
    std::ifstream stream("/proc/stat");
    stream.ignore(std::char_traits<char>::length("cpu"));
    if (!(stream >> user >> nice >> system >> idle >> waiting >> irq >> softirq >> steal)) return 0;
    const long spare = nice + idle + waiting, all = spare + user + system + irq + softirq + steal;
    const auto now = std::chrono::steady_clock::now();
    const Lock lock(mutex_);
    if (all > all_ && now - time_ >= kAccountOver) {
      share_ = static_cast<double>(spare - spare_) / static_cast<double>(all - all_);
      spare_ = spare;
      all_ = all;
      time_ = now;
    }
    return share_;
  }

 private:
  Mutex mutex_;
  std::chrono::steady_clock::time_point time_ BERTH_GUARDED_BY(mutex_);
  long spare_ BERTH_GUARDED_BY(mutex_) = 0;
  long all_ BERTH_GUARDED_BY(mutex_) = 0;
  double share_ BERTH_GUARDED_BY(mutex_) = 0;
};

// Looked at once: it does not change.
bool can_always_take_processor() {
  static const bool kCan = can_take_processor();
  return kCan;
}

}  // namespace

Yield bearable_yield() {
  static SpareTime spare;
  return spare.share() >= kMuchToSpare ? Yield::all : Yield::some;
}

void yield_processor(int pid, Yield yield) {
  set_group(pid, lowered(kYielding));
  if (pid > 0 && yield == Yield::all) set_policy_of_all(pid, SCHED_IDLE);
}

void take_processor(int pid) {
  set_group(pid, usual_niceness());
  // A thread that starts meanwhile has the policy of the one that starts it.
  for (int passes = 0; pid > 0 && passes < kMaxPasses && set_policy_of_all(pid, usual_policy()); ++passes) {
  }
}

bool can_take_processor() {
  bool can = false;
  // Linux keeps it by thread: one of its own tries it.
  std::jthread([&can] {
    lower_own_priority(kPreparing);
    can = set_policy(0, SCHED_IDLE) && set_policy(0, usual_policy()) &&
          ::setpriority(PRIO_PROCESS, 0, usual_niceness()) == 0;
  }).join();
  return can;
}

Deferring::Deferring() : Deferring(0, has_lowered_priority()) {}

Deferring::Deferring(int thread, bool wanted)
    : thread_(thread),
      policy_(::sched_getscheduler(thread)),
      defers_(wanted && can_always_take_processor() && bearable_yield() == Yield::all &&
              set_policy(thread, SCHED_IDLE)) {}

Deferring::~Deferring() {
  if (defers_) set_policy(thread_, policy_);
}

bool has_lowered_priority() { return ::getpriority(PRIO_PROCESS, 0) > usual_niceness(); }

void lower_own_priority(int by) { (void)::setpriority(PRIO_PROCESS, 0, lowered(by)); }

}  // namespace berth::hosting
