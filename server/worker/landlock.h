// SPDX-License-Identifier: Apache-2.0
// Landlock: the kernel's own wall around files, TCP ports and signals, which a process draws around itself for good.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::worker {

// 0: this kernel has none. (1: Linux 5.13, 3: 6.2, 4: 6.7, 6: 6.12)
int landlock_abi();

// Bits of the kernel's interface.
struct LandlockAccess {
  std::uint64_t files = 0;    // what needs a rule
  std::uint64_t ports = 0;    // likewise
  std::uint64_t scoped = 0;   // what does not leave the wall
  std::uint64_t reading = 0;  // of `files`: what read-only rules grant …
  std::uint64_t running = 0;  // … with starting programs
  std::uint64_t writing = 0;  // … and what read-write rules grant besides
  std::uint64_t device = 0;   // … and rules for devices
};
// All that an ABI knows. Ports are left alone where `network` is allowed.
LandlockAccess landlock_access(int abi, bool network);

class LandlockRules {
 public:
  // `abi` > 0.
  static Result<LandlockRules> create(const LandlockAccess& access);

  // A file, or a folder with all that is below; what does not exist is passed over. False: it was refused.
  bool allow(const std::string& path, std::uint64_t files);
  // From now on, for this thread and all that come of it. Needs no_new_privs.
  Result<> enforce() const;

 private:
  explicit LandlockRules(UniqueFd fd, std::uint64_t handled) : fd_(std::move(fd)), handled_(handled) {}

  UniqueFd fd_;
  std::uint64_t handled_;
};

}  // namespace berth::worker
