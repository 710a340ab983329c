// SPDX-License-Identifier: Apache-2.0
// confine(): what a worker does to itself before the first line of a plugin runs.
#pragma once

#include <string>

#include "base/result.h"
#include "worker/confinement.h"

namespace berth::worker {

// What there is to build walls of.
struct Kernel {
  int landlock = 0;  // its ABI; 0: none
  bool filters_syscalls = false;
};
Kernel look_at_kernel();

// What is in force.
struct Walls {
  int landlock = 0;  // the ABI by which files, ports and signals are kept; 0: they are not
  bool syscall_filter = false;
  bool network_namespace = false;  // of its own, with nothing in it
};
// "Landlock 7, system call filter, network namespace", "none".
std::string to_string(const Walls& walls);

// For good, and before this process has a second thread. What the kernel lacks is left out where the mode is `on`;
// unavailable: it is `required`, or the kernel refused what it says it has.
Result<Walls> confine(const Confinement& confinement, const Kernel& kernel);

// A build with sanitizers needs a shadow as large as all memory, and starts a program that names functions: it may
// start programs, and its memory is not limited.
bool is_sanitized();

}  // namespace berth::worker
