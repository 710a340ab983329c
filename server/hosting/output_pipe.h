// SPDX-License-Identifier: Apache-2.0
// OutputPipe: what a worker prints, and during which calls it may have printed it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"

namespace berth::hosting {

// Calls come and go on other threads than the one that reads. What was printed while the pipe lay unread belongs to
// one of the calls since it was last empty; that is known here for certain, for nothing is read while a call begins.
class OutputPipe {
 public:
  // Takes the reading end, and makes it non-blocking.
  explicit OutputPipe(UniqueFd pipe);
  int fd() const { return fd_; }

  // These are handed to the worker: before they are. They end together. [any]
  void begin(std::vector<std::string> request_ids);
  void end();  // [any]

  // As read(2); `request_ids` tells whose bytes these may be, joined by commas: "" = nobody's, or too many's.
  // [the loop's thread]
  std::ptrdiff_t read(std::span<char> room, std::string& request_ids);
  void close();  // [the loop's thread]

  // Of the calls that have begun and not ended, joined by commas. [any]
  std::string running() const;

 private:
  struct Batch {
    std::vector<std::string> request_ids;
    bool ended = false;
  };
  void forget_ended() BERTH_REQUIRES(mutex_);

  const int fd_;  // pipe_'s
  mutable Mutex mutex_;
  UniqueFd pipe_ BERTH_GUARDED_BY(mutex_);
  std::vector<Batch> batches_ BERTH_GUARDED_BY(mutex_);
  bool too_many_ BERTH_GUARDED_BY(mutex_) = false;
};

// The first ones, joined by commas; so many that a line stays short.
std::string joined_ids(const std::vector<std::string>& request_ids);

}  // namespace berth::hosting
