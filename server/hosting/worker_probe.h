// SPDX-License-Identifier: Apache-2.0
// WorkerProbe: what really keeps a worker on this machine, found out by one that tries.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "hosting/model.h"

namespace berth::hosting {

struct WorkerProbe {
  std::string walls;              // in force, for people
  std::vector<std::string> kept;  // from it: "the network"
  std::vector<std::string> open;  // to it
  bool works = false;             // what every worker needs is there
};

// Starts a worker, confined as `serving` says, that serves nothing. unavailable: it does not start, with
// the reason. [any, blocks]
Result<WorkerProbe> probe_worker(const std::filesystem::path& worker_program, const ServingOptions& serving);

// What this machine has for it.
struct KernelWalls {
  int landlock = 0;  // its ABI; 0: none
  bool filters_syscalls = false;
};
KernelWalls kernel_walls();

}  // namespace berth::hosting
