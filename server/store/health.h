// SPDX-License-Identifier: Apache-2.0
// Health: what keeps the database from being used; changes go to the log.
#pragma once

#include <string>

#include "base/log.h"
#include "base/mutex.h"

namespace berth::store {

class Health {
 public:
  // "": nothing does. [any]
  void set(const std::string& problem) {
    {
      const Lock lock(mutex_);
      if (problem_ == problem) return;
      problem_ = problem;
    }
    if (problem.empty()) {
      log::info("the database can be used", {.component = "store"});
    } else {
      log::error(problem, {.component = "store"});
    }
  }
  std::string problem() const {
    const Lock lock(mutex_);
    return problem_;
  }

 private:
  mutable Mutex mutex_;
  std::string problem_ BERTH_GUARDED_BY(mutex_) = "the database has not been reached yet";
};

}  // namespace berth::store
