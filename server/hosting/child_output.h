// SPDX-License-Identifier: Apache-2.0
// ChildOutput: what a short-lived child process prints, within bounds and a deadline.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "hosting/spawn.h"

namespace berth::hosting {

struct ChildOutput {
  std::string out, err;
  std::optional<Exit> exit;  // none: it was still running at the deadline, and was killed
};

struct ChildBounds {
  std::chrono::milliseconds timeout{20'000};
  const std::atomic<bool>* stop = nullptr;  // set by another thread: nobody wants the answer any more
  std::size_t max_out = 1024UL * 1024;      // what is more is read and dropped
  std::size_t max_err = 4096;
};

// Starts it, with pipes for `out` and `err`, and waits for its end. unavailable: it cannot be started. [any, blocks]
Result<ChildOutput> run_child(SpawnOptions options, const ChildBounds& bounds);

}  // namespace berth::hosting
