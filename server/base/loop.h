// SPDX-License-Identifier: Apache-2.0
// Loop: one thread's events: descriptors, timers and tasks posted from other threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"

namespace berth {

// An epoll set with timers and a mailbox. It either owns a thread's time (run) or lives inside another reactor, which
// watches fd() for reading and calls run_ready() when it is readable (how an I/O thread of server/net uses it).
// Callbacks run on the loop's thread, must not block, and may add or remove watches and timers, their own included.
// An exception that leaves a callback ends the process: there is nobody to hand it to.
class Loop {
 public:
  using Task = std::function<void()>;
  using Clock = std::chrono::steady_clock;

  // Removes its descriptor from the loop when destroyed. [loop] The loop must outlive it.
  class Watch;
  // Cancels its timer when destroyed. [loop] The loop must outlive it.
  class Timer;

  // Fails only where the system has no descriptors left.
  static Result<std::unique_ptr<Loop>> create();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Readable whenever run_ready() has something to do.
  int fd() const;

  // Handles what is ready, at most a bounded batch, and returns. Never blocks. The calling thread becomes the loop's.
  // [loop]
  void run_ready();

  // Handles events until stop(); the calling thread becomes the loop's. Tasks posted before stop() still run.
  void run();
  void stop();  // [any]

  // Runs `task` on the loop's thread, after what was posted before it. Tasks never run inside post(). [any]
  void post(Task task);

  // Calls back with epoll's event bits (EPOLLIN, EPOLLOUT, EPOLLHUP, …), level-triggered. `events` may be changed with
  // Watch::set_events. [loop]
  Watch watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback);

  // Calls `task` once, `delay` from now (1 ms granularity, never early). [loop]
  [[nodiscard]] Timer call_after(std::chrono::milliseconds delay, Task task);

  // True on the thread that runs this loop. [any]
  bool in_loop_thread() const;

 private:
  struct State;
  explicit Loop(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Loop::Watch {
 public:
  Watch() = default;
  Watch(Watch&& other) noexcept;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch();
  void set_events(std::uint32_t events);
  void reset();
  explicit operator bool() const { return entry_ != nullptr; }

 private:
  friend class Loop;
  struct Entry;
  explicit Watch(Entry* entry) : entry_(entry) {}
  Entry* entry_ = nullptr;  // the loop's
};

class Loop::Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept;
  Timer& operator=(Timer&& other) noexcept;
  ~Timer();
  void reset();
  explicit operator bool() const { return loop_ != nullptr; }

 private:
  friend class Loop;
  Timer(State* loop, std::uint64_t id) : loop_(loop), id_(id) {}
  State* loop_ = nullptr;
  std::uint64_t id_ = 0;  // of its timer; firing leaves the object as it is, and reset() then does nothing
};

}  // namespace berth
