// SPDX-License-Identifier: Apache-2.0
// Health: what keeps the database from being used; changes go to the log.
#pragma once

#include <cstdint>
#include <string>

#include "base/log.h"
#include "base/mutex.h"

namespace berth::store {

// All of these: [any].
class Health {
 public:
  // Of the connection that writes; "": it is there.
  void set_connection(const std::string& problem) {
    const Lock lock(mutex_);
    connection_ = problem;
    tell();
  }
  // What was written did not come to the disk.
  void set_writing(const std::string& problem) {
    const Lock lock(mutex_);
    ++failures_;
    writing_ = problem;
    tell();
  }
  // How often that was; whoever commits notes it.
  std::uint64_t failures() const {
    const Lock lock(mutex_);
    return failures_;
  }
  // What was committed then is on disk: all is well, unless another write failed since.
  void set_written(std::uint64_t failures_then) {
    const Lock lock(mutex_);
    if (failures_ != failures_then) return;
    writing_.clear();
    tell();
  }

  bool is_connected() const {
    const Lock lock(mutex_);
    return connection_.empty();
  }
  bool can_write() const {
    const Lock lock(mutex_);
    return writing_.empty();
  }
  // Of either kind; "": there is none.
  std::string problem() const {
    const Lock lock(mutex_);
    return first();
  }

 private:
  std::string first() const BERTH_REQUIRES(mutex_) { return connection_.empty() ? writing_ : connection_; }
  void tell() BERTH_REQUIRES(mutex_) {
    const auto now = first();
    if (now == told_) return;
    told_ = now;
    if (now.empty()) {
      log::info("the database can be used", {.component = "store"});
    } else {
      log::error(now, {.component = "store"});
    }
  }

  mutable Mutex mutex_;
  std::string connection_ BERTH_GUARDED_BY(mutex_) = "the database has not been reached yet";
  std::string writing_ BERTH_GUARDED_BY(mutex_);
  std::string told_ BERTH_GUARDED_BY(mutex_) = connection_;  // to the log
  std::uint64_t failures_ BERTH_GUARDED_BY(mutex_) = 0;
};

}  // namespace berth::store
