// SPDX-License-Identifier: Apache-2.0
#include "store/connection.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/unique_fd.h"

namespace berth::store {

// What is held as long as the database is this server's.
class Claim {
 public:
  explicit Claim(UniqueFd lock) : lock_(std::move(lock)) {}

 private:
  UniqueFd lock_;
};

namespace {

std::string because(const std::filesystem::path& file) { return file.string() + ": " + std::strerror(errno); }

// Made before SQLite opens it, so that nobody else may ever read it; its journals take over its mode. One that is there
// is not opened: closing it again would take away the locks that this process's connections have on it.
Result<> make_private(const std::filesystem::path& file) {
  const UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made && errno != EEXIST) return failure(Code::unavailable, "cannot open the database " + because(file));
  return {};
}

void set_up_sqlite(soci::session& sql, Use use) {
  sql << "PRAGMA busy_timeout = 10000";
  if (use == Use::read) {
    sql << "PRAGMA query_only = ON";
    return;
  }
  sql << "PRAGMA auto_vacuum = INCREMENTAL";  // heeded by an empty database only
  std::string mode;
  sql << "PRAGMA journal_mode = WAL", soci::into(mode);
  sql << "PRAGMA synchronous = FULL";
  sql << "PRAGMA wal_autocheckpoint = 8000";  // pages: 32 MB of log, so that a busy server seldom stops for it
  sql << "PRAGMA foreign_keys = ON";
  sql << "PRAGMA secure_delete = ON";  // what is removed is overwritten
}

void set_up_postgresql(soci::session& sql, Use use) {
  sql << "SET client_min_messages = warning";
  sql << "SET TIME ZONE 'UTC'";
  sql << "SET statement_timeout = '60s'";
  sql << "SET synchronous_commit = on";
  if (use == Use::write) return;
  // Pages walk an index and stop. Of tables that it has no statistics of yet, PostgreSQL would take all rows and sort
  // them. What has no other way is scanned all the same, at costs for which it would compile the statement first.
  sql << "SET jit = off";
  for (const auto* way : {"enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_sort"})
    sql << std::string("SET ") + way + " = off";
}

// A server that does not answer is given up, unless the operator says otherwise.
std::string with_timeouts(std::string url) {
  const auto add = [&url](std::string_view option, std::string_view value) {
    if (url.find(std::string(option).append("=")) != url.npos) return;
    url.append(url.find('?') == url.npos ? "?" : "&").append(option).append("=").append(value);
  };
  add("connect_timeout", "5");
  add("tcp_user_timeout", "20000");
  add("application_name", "berth");
  return url;
}

}  // namespace

Result<std::unique_ptr<soci::session>> connect(const DatabaseUrl& url, Use use) {
  try {
    if (url.kind == DatabaseKind::postgresql) {
      auto sql = std::make_unique<soci::session>("postgresql", with_timeouts(url.connection));
      set_up_postgresql(*sql, use);
      return sql;
    }
    const auto file = real_file(url.file);
    if (auto made = make_private(file); !made) return failure(std::move(made.error()));
    auto sql = std::make_unique<soci::session>("sqlite3", "db=\"" + file.string() + "\" timeout=10");
    set_up_sqlite(*sql, use);
    return sql;
  } catch (const soci::soci_error& error) {
    auto message = error.get_error_message();
    while (message.ends_with('\n')) message.pop_back();
    return failure(Code::unavailable, "the database cannot be reached: " + message);
  }
}

void leave_sync_to_others(soci::session& sql, DatabaseKind kind) {
  sql << (kind == DatabaseKind::sqlite ? "PRAGMA synchronous = NORMAL" : "SET synchronous_commit = off");
}

void begin(soci::session& sql, DatabaseKind kind, Use use) {
  if (kind == DatabaseKind::sqlite && use == Use::write) {
    sql << "BEGIN IMMEDIATE";
  } else {
    sql.begin();
  }
}

Result<std::shared_ptr<Claim>> claim(soci::session& sql, const DatabaseUrl& url) {
  const auto taken = [] {
    return failure(Code::conflict, "another server uses this database; each needs one of its own");
  };
  if (url.kind == DatabaseKind::postgresql) {
    // A connection that was just closed, our own before a restart, takes PostgreSQL a moment to miss.
    sql << "SET lock_timeout = '3s'";
    try {
      sql << "SELECT pg_advisory_lock(4247102)";
    } catch (const soci::soci_error&) {
      if (!sql.is_connected()) throw;
      return taken();
    }
    sql << "SET lock_timeout = 0";
    return std::make_shared<Claim>(UniqueFd());
  }
  auto file = real_file(url.file);
  file += ".lock";
  UniqueFd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return failure(Code::unavailable, "cannot lock the database " + because(file));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return taken();
  return std::make_shared<Claim>(std::move(lock));
}

Error error_of(const soci::soci_error& error) {
  // SOCI's what() tells statements with their values, and some of them are secrets.
  const auto message = error.get_error_message();
  // SQLite's backend has no categories.
  if (error.get_error_category() == soci::soci_error::constraint_violation ||
      message.find("constraint failed") != message.npos) {
    return {Code::conflict, "the database's rules do not allow it: " + message};
  }
  // SQLite's words, and PostgreSQL's.
  for (const auto* what : {"disk is full", "disk I/O", "readonly", "locked", "unable to open",
                           "No space left on device", "read-only transaction"}) {
    if (message.find(what) != message.npos) return {Code::unavailable, "the database cannot be written: " + message};
  }
  if (error.get_error_category() == soci::soci_error::connection_error) {
    return {Code::unavailable, "the database cannot be reached: " + message};
  }
  return {Code::internal, "the database: " + message};
}

bool is_lost(soci::session& sql, const soci::soci_error& error) {
  return error.get_error_category() == soci::soci_error::connection_error || !sql.is_connected();
}

}  // namespace berth::store
