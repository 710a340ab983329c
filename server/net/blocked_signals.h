// SPDX-License-Identifier: Apache-2.0
// BlockedSignals: while it lives, threads that this one starts are born with all signals blocked, so that signals go to
// the thread that waits for them.
#pragma once

#include <pthread.h>

#include <csignal>

namespace berth::net {

class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace berth::net
