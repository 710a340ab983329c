// SPDX-License-Identifier: Apache-2.0
// Priority: who waits where there is too little processor for all: calls come before what is being prepared.
#pragma once

namespace berth::hosting {

// The server's own threads that prepare: a tenth of what a call gets of a processor that both want. Of an idle one
// everybody gets all.
inline constexpr int kPreparing = 10;
// A worker that starts beside what serves: a hundredth. Not for long, or on a busy machine it would never be ready.
inline constexpr int kYielding = 19;

enum class Yield {
  some,  // it gets the hundredth
  all,   // and leaves a processor at once to whoever wakes up (SCHED_IDLE): a machine that is busy for good starves it
};
// `all` where 70 % of the processors' time was idle, or went to what yields, since this was asked last. [any]
Yield bearable_yield();

// Makes a process that leads a group, with all that it started, kYielding nicer than the server. Best effort. [any]
void yield_processor(int pid, Yield yield = bearable_yield());
// As it was before.
void take_processor(int pid);

// Whether take_processor() undoes yield_processor() here: only CAP_SYS_NICE, or a limit on niceness (RLIMIT_NICE) of
// 20 or more, lets a process have its share again. [any]
bool can_take_processor();

// While it lives, a thread leaves a processor at once to whoever wakes up, and so does what it starts; where that is
// bearable and can be undone. Best effort.
class Deferring {
 public:
  Deferring();  // the calling one, if it prepares (lower_own_priority)
  explicit Deferring(int thread) : Deferring(thread, true) {}
  ~Deferring();
  Deferring(const Deferring&) = delete;
  Deferring& operator=(const Deferring&) = delete;

 private:
  Deferring(int thread, bool wanted);

  const int thread_;
  const int policy_;  // its own
  const bool defers_;
};

// For the calling thread and all that it starts from now on; for good.
void lower_own_priority(int by);
// Whether the calling thread did that.
bool has_lowered_priority();

}  // namespace berth::hosting
