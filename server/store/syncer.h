// SPDX-License-Identifier: Apache-2.0
// Syncer: takes what is committed to disk, apart from the connection that commits, so that the next commits need not
// wait for the disk (docs/decisions/0007-group-commit.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/mutex.h"
#include "base/result.h"
#include "store/connection.h"
#include "store/database_url.h"

namespace berth::store {

class Syncer {
 public:
  explicit Syncer(DatabaseUrl url) : url_(std::move(url)) {}

  // Makes it ready, anew where it was, for whatever connection is about to commit; what that commits is of the
  // generation that this returns. unavailable. [any, blocks]
  Result<std::uint64_t> prepare();
  // Which one it is of now; another than before: it was lost, or made ready again. [any]
  std::uint64_t generation() const { return generation_.load(); }
  // Good: every commit of that generation that was told before is on disk. unavailable: nobody knows. [any, blocks]
  Result<> sync(std::uint64_t generation);

 private:
  Result<> sync_sqlite() BERTH_REQUIRES(mutex_);
  Result<> sync_postgresql() BERTH_REQUIRES(mutex_);

  const DatabaseUrl url_;
  std::atomic<std::uint64_t> generation_ = 0;
  Mutex mutex_;
  std::unique_ptr<soci::session> sql_ BERTH_GUARDED_BY(mutex_);  // PostgreSQL's
  std::filesystem::path log_ BERTH_GUARDED_BY(mutex_);           // SQLite's
};

}  // namespace berth::store
