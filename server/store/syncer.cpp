// SPDX-License-Identifier: Apache-2.0
#include "store/syncer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/unique_fd.h"

namespace berth::store {

Result<std::uint64_t> Syncer::prepare() {
  const Lock lock(mutex_);
  if (url_.kind == DatabaseKind::sqlite) {
    log_ = real_file(url_.file);
    log_ += "-wal";
    return generation_.load();
  }
  auto sql = connect(url_, Use::read);
  if (!sql) return failure(std::move(sql.error()));
  sql_ = std::move(*sql);
  return ++generation_;
}

Result<> Syncer::sync(std::uint64_t generation) {
  const Lock lock(mutex_);
  if (url_.kind == DatabaseKind::sqlite) return sync_sqlite();
  if (sql_ == nullptr || generation != generation_) {
    return failure(Code::unavailable, "the connection to the database was lost");
  }
  return sync_postgresql();
}

// What is committed is in the log, or, where that began anew, in the database: SQLite syncs both before it does that.
Result<> Syncer::sync_sqlite() {
  const UniqueFd file(::open(log_.c_str(), O_RDWR | O_CLOEXEC));
  if (file && ::fdatasync(file.get()) == 0) return {};
  return failure(Code::unavailable, "the database cannot be written: " + log_.string() + ": " + std::strerror(errno));
}

// A commit that waits for the disk takes all before it along. It must be of a connection that was there before them:
// where the database's server died in between, so did the connection, and maybe they.
Result<> Syncer::sync_postgresql() {
  try {
    *sql_ << "SELECT pg_logical_emit_message(true, 'berth', '')";
    return {};
  } catch (const soci::soci_error& error) {
    sql_.reset();
    ++generation_;
    return failure(Code::unavailable, "the connection to the database was lost: " + error_of(error).message);
  }
}

}  // namespace berth::store
