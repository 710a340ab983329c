// SPDX-License-Identifier: Apache-2.0
// Inbox: the worker's wait for its next call; looks for a moment before it sleeps, while calls keep coming.
#pragma once

#include <chrono>

#include "worker/channel.h"

namespace berth::worker {

// Waking a sleeping thread is most of what a hop costs. Looking costs a core, so it stops at the first time that
// nothing came, and starts again when a call came soon after the last answer.
class Inbox {
 public:
  Inbox(int socket, const Region& spill, std::chrono::microseconds spin)
      : socket_(socket), spill_(spill), spin_(spin) {}

  // As receive(); waits.
  Result<> next(Packet& packet) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    while (spinning_ && Clock::now() - start < spin_) {
      auto got = receive(socket_, packet, &spill_, Wait::no);
      if (got || got.error().code != Code::busy) return got;
    }
    auto got = receive(socket_, packet, &spill_, Wait::yes);
    spinning_ = spin_.count() > 0 && Clock::now() - start < kSoon * spin_;
    return got;
  }

 private:
  static constexpr int kSoon = 3;  // what a wake-up adds to a gap that a spin would have met
  const int socket_;
  const Region& spill_;
  const std::chrono::microseconds spin_;
  bool spinning_ = false;
};

}  // namespace berth::worker
