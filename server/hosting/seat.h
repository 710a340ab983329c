// SPDX-License-Identifier: Apache-2.0
// Executor::Pending and Executor::Seat: a call on its way, and a worker as the executor sees it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "hosting/executor.h"

namespace berth::hosting {

struct Executor::Pending {
  Call call;
  OnOutcome on_outcome;
  worker::CallView view;  // of `call`
  std::size_t bytes = 0;  // of shared memory that it takes
  Clock::time_point submitted = Clock::now();
  // Written by whoever has the call: the queue (under the executor's mutex), then its worker's sender.
  Clock::time_point queued = submitted;
  std::uint64_t queue_ns = 0;
  int deaths = 0;                     // of workers that had it
  bool alone = false;                 // in no batch: one of its batch killed a worker
  std::optional<Error> verdict = {};  // which limit it met, the last time that it had a worker for itself
};

struct Executor::Seat {
  enum class State {
    idle,
    sending,  // its calls are being written: no answer can come yet
    busy,
    taking,     // its answer is being taken
    trimming,   // its memory is being given back
    condemned,  // past its deadline: being killed
    lost,
  };

  std::shared_ptr<WorkerLink> link;
  Loop* loop = nullptr;
  int pid = 0;
  bool batches = false;
  KillWorker kill;
  Loop::Watch watch;  // [loop]
  std::shared_ptr<WorkerUse> use = std::make_shared<WorkerUse>();

  // What follows is guarded by the executor's mutex.
  State state = State::idle;
  std::vector<PendingPtr> batch;
  std::uint64_t sequence = 0;
  Clock::time_point taken, deadline;
  Clock::time_point idle_since = Clock::now();
  std::uint64_t calls = 0;

  // Written by the sender before the packet is out, read by who takes the answer.
  std::uint64_t input_ns = 0;
};

}  // namespace berth::hosting
