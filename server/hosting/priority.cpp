// SPDX-License-Identifier: Apache-2.0
#include "hosting/priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace berth::hosting {
namespace {

constexpr int kLowest = 19;

// The server's own; a thread of it may have another.
int usual() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid())); }
int lowered(int by) { return std::min(usual() + by, kLowest); }

void set_group(int pid, int niceness) {
  // 0 would be this process's own group.
  if (pid > 0) (void)::setpriority(PRIO_PGRP, static_cast<id_t>(pid), niceness);
}

}  // namespace

void lower_priority(int pid, int by) { set_group(pid, lowered(by)); }
void restore_priority(int pid) { set_group(pid, usual()); }

bool can_restore_priority() {
  bool can = false;
  // Linux keeps it by thread: one of its own tries it.
  std::jthread([&can] {
    lower_own_priority(kPreparing);
    can = ::setpriority(PRIO_PROCESS, 0, usual()) == 0;
  }).join();
  return can;
}

void lower_own_priority(int by) { (void)::setpriority(PRIO_PROCESS, 0, lowered(by)); }

}  // namespace berth::hosting
