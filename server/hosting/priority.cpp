// SPDX-License-Identifier: Apache-2.0
#include "hosting/priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr int kLowest = 19;
constexpr int kMaxPasses = 100;      // over threads that start while they are looked at
constexpr double kMuchWaiting = 20;  // percent of the last ten seconds in which something waited for a processor

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

}  // namespace

Yield bearable_yield() {
  std::ifstream stream("/proc/pressure/cpu");  // not every kernel keeps it
  std::string line;
  double waiting = 100;
  const bool is_known = std::getline(stream, line) && std::sscanf(line.c_str(), "some avg10=%lf", &waiting) == 1;
  return is_known && waiting < kMuchWaiting ? Yield::all : Yield::some;
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

bool has_lowered_priority() { return ::getpriority(PRIO_PROCESS, 0) > usual_niceness(); }

void lower_own_priority(int by) { (void)::setpriority(PRIO_PROCESS, 0, lowered(by)); }

}  // namespace berth::hosting
