// SPDX-License-Identifier: Apache-2.0
// SyscallFilter: the system calls that no model needs, refused with EPERM before the kernel looks at them.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace berth::worker {

struct FilterOptions {
  bool network = false;
  bool processes = false;
  bool truncate = true;      // by path: Landlock sees to it from ABI 3 on
  std::int32_t own_pid = 0;  // whom it may send signals to
};

// A program for the kernel's filter machine.
std::vector<sock_filter> syscall_filter(const FilterOptions& options);

bool kernel_filters_syscalls();
// For every thread of this process and all that come of them, for good. Needs no_new_privs.
Result<> enforce(const std::vector<sock_filter>& program);

}  // namespace berth::worker
