// SPDX-License-Identifier: Apache-2.0
#include "hosting/priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace berth::hosting {
namespace {

constexpr int kLowest = 19;

// The server's own; a thread of it may have others.
int usual_niceness() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid())); }
int lowered(int by) { return std::min(usual_niceness() + by, kLowest); }

void set_group(int pid, int niceness) {
  // 0 would be this process's own group.
  if (pid > 0) (void)::setpriority(PRIO_PGRP, static_cast<id_t>(pid), niceness);
}

}  // namespace

void yield_processor(int pid) { set_group(pid, lowered(kYielding)); }

void take_processor(int pid) { set_group(pid, usual_niceness()); }

bool can_take_processor() {
  bool can = false;
  // Linux keeps it by thread: one of its own tries it.
  std::jthread([&can] {
    lower_own_priority(kPreparing);
    can = ::setpriority(PRIO_PROCESS, 0, usual_niceness()) == 0;
  }).join();
  return can;
}

bool has_lowered_priority() { return ::getpriority(PRIO_PROCESS, 0) > usual_niceness(); }

void lower_own_priority(int by) { (void)::setpriority(PRIO_PROCESS, 0, lowered(by)); }

}  // namespace berth::hosting
