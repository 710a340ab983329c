// SPDX-License-Identifier: Apache-2.0
// StopSignals: SIGTERM and Ctrl-C end a command only after what it started and what it wrote is gone.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

#include "base/unique_fd.h"

namespace berth::cli {

class StopSignals {
 public:
  // From now on they wait. Make it before the first thread, which would still take them, and before all that must be
  // gone at the end. One that the process was started to ignore stays ignored.
  StopSignals();
  // The first one that came ends the process, as if it came now.
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Calls `stop` at the first one, or at once where it has come, on a thread of its own: it makes the command's work
  // end soon. A second one ends the process at once. Call once.
  void watch(std::function<void()> stop);
  // Returns when `stop` has returned or will not be called any more.
  void end_watch();

 private:
  void wait_for_one(const std::function<void()>& stop);

  sigset_t before_{};
  sigset_t signals_{};
  UniqueFd received_fd_, end_fd_;
  std::atomic<int> received_ = 0;
  std::jthread thread_;
};

}  // namespace berth::cli
