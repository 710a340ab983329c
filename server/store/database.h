// SPDX-License-Identifier: Apache-2.0
// Database: where what must outlive the server is kept, and the threads that wait for it so that others need not.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace soci {
class session;
}

namespace berth::store {

struct DatabaseOptions {
  std::string url;                         // see database_url.h
  std::size_t max_waiting = 1024;          // pieces of work for each of the two kinds; beyond: busy
  std::size_t readers = 2;                 // connections, and threads, that only read
  std::chrono::milliseconds retry{1'000};  // from a connection that failed to the next try
};

// When a commit is on disk. now: before it is told; a power cut loses nothing of it. later: no later than the next one
// that is `now`; meanwhile it outlives this process, but not a power cut, and PostgreSQL's own death.
enum class Sync : std::uint8_t { now, later };

// One server at a time has a database. A connection that is lost is made again by itself; what is asked for meanwhile
// fails (unavailable).
class Database {
 public:
  // What is to be done, with functions of this folder. It runs in a transaction, which an error or an exception undoes,
  // and may run again where the connection was lost before anything was committed.
  using Work = std::function<Result<>(soci::session&)>;
  // How it went: told once, on a thread of the database that must not be kept waiting. After write(), good means that
  // it is committed.
  using Done = std::function<void(Result<>)>;

  // Connects, and brings the tables up to date. A database that cannot be reached now is tried again later; only a URL
  // that is none fails (invalid_argument), and a database of a later Berth or one that another server uses
  // (conflict). [blocks]
  static Result<std::unique_ptr<Database>> open(DatabaseOptions options);
  ~Database();  // does what was asked for before

  // Errors: what the work returned; conflict (a constraint), unavailable, busy (max_waiting), internal. Writes happen
  // in the order in which they are asked for, one after another. [any]
  // `committed`, where it is not empty, is told first, once it is committed and is only not on disk yet.
  void write(Work work, Done done, Sync sync = Sync::now, std::function<void()> committed = {});
  void read(Work work, Done done);
  // The same, waiting for it; not from the database's own threads. [blocks]
  Result<> write(Work work);
  Result<> read(Work work);

  // Why it cannot be used at the moment, be it that nothing comes to its disk; "" where it can. [any]
  std::string problem() const;
  // Which of the connections it is that writes. Another than before: the database's server may have died in between,
  // and lost what was committed and not on disk yet. Always the same of SQLite, which dies with this process. [in the
  // work of a write]
  std::uint64_t connection() const;
  // Whether it is there, so that it can be read at least. [any]
  bool is_connected() const;

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace berth::store
