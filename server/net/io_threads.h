// SPDX-License-Identifier: Apache-2.0
// IoThreads: the threads that wait, each on behalf of one loop.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/loop.h"

namespace berth::net {

// Pistache's reactor with one thread a loop; each thread watches its loop's descriptor and runs what is ready.
class IoThreads {
 public:
  // The loops must outlive this object. Throws std::exception where the system has no descriptors or threads left.
  explicit IoThreads(const std::vector<Loop*>& loops);
  // Stops the threads and waits for them; what is in the loops stays there. [not from an I/O thread]
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::net
