// SPDX-License-Identifier: Apache-2.0
// Supervisor: the thread on which workers are started, watched, restarted and ended; never an I/O thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/loop.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/scratch_folder.h"
#include "base/task_threads.h"
#include "base/unique_fd.h"
#include "hosting/priority.h"

namespace berth::hosting {

class Supervisor {
 public:
  // Takes `scratch` for itself: it is made, or emptied, and nobody else may look into it; a lock in it refuses a second
  // server. unavailable where it is no folder of this user's. An empty path: a ScratchFolder.
  static Result<std::shared_ptr<Supervisor>> create(std::filesystem::path scratch);
  ~Supervisor();

  Loop& loop() { return *loop_; }

  // Where private copies of libraries may be kept. [any]
  std::filesystem::path library_copies() const;
  // A new folder for one worker. [loop]
  Result<std::filesystem::path> make_scratch();
  // Removes one whose worker has ended, soon, and before this object is gone; what stays is logged. [any]
  void remove_scratch(const std::filesystem::path& scratch);

  // Models start in parallel, but no more at once than there are cores: `start` is called when there is room, and
  // start_ended() makes room again. [loop]
  void queue_start(std::function<void()> start);
  void start_ended();

  // Whether a worker that starts beside what serves may be made to yield to it until it is ready.
  bool may_yield() const { return may_yield_; }

  // Counts worker processes. [any]
  void process_started();
  void process_ended();
  void wait_for_no_process();

  // Ends the thread; tasks posted later never run. Not from the thread itself.
  void stop();

 private:
  Supervisor();
  void start_more();

  std::unique_ptr<Loop> loop_;
  std::filesystem::path scratch_;
  std::unique_ptr<ScratchFolder> own_scratch_;  // what scratch_ is in, where none was named
  const bool may_yield_ = can_take_processor();
  UniqueFd scratch_lock_;
  TaskThreads removals_;
  std::size_t next_scratch_ = 1;
  std::deque<std::function<void()>> waiting_;  // [loop]
  std::size_t starting_ = 0;                   // [loop]

  Mutex mutex_;
  Condition none_left_;
  std::size_t processes_ BERTH_GUARDED_BY(mutex_) = 0;
  std::jthread thread_;
};

}  // namespace berth::hosting
