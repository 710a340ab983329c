// SPDX-License-Identifier: Apache-2.0
// Sweeper: the thread that removes records: old ones, those that are too many, and a user's.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "records/media.h"
#include "store/database.h"
#include "store/records.h"

namespace berth::records {

struct Retention {
  std::chrono::seconds max_age{0};  // 0: however old
  std::uint64_t max_bytes = 0;      // 0: however large
  std::chrono::milliseconds every{60'000};
};

class Sweeper {
 public:
  // All must outlive it. `tick` is called on its thread once a second; `settle` before a user's records are removed:
  // when it returns, what was to be kept before is.
  struct Calls {
    std::function<void()> tick, settle;
  };
  Sweeper(store::Database& database, const Media& media, Retention retention, Calls calls);
  ~Sweeper();

  // Removes a user's records; `done` is told how many on the sweeper's thread. [any]
  void remove_of_user(std::int64_t user_id, std::function<void(Result<std::int64_t>)> done);

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void sweep();
  // Everything that `removal` speaks of, a piece at a time, so that others get their turn at the database between.
  Result<std::int64_t> remove(store::Removal removal);
  Result<> remove_beyond_size();
  Result<std::int64_t> remove_of_user(std::int64_t user_id);
  void remove_late();
  bool is_closed();

  store::Database& database_;
  const Media& media_;
  const Retention retention_;
  const Calls calls_;
  // Requests that were removed before they were answered: their responses go when they come. [its thread]
  std::vector<std::int64_t> late_;
  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> tasks_ BERTH_GUARDED_BY(mutex_);
  bool closed_ BERTH_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace berth::records
