// SPDX-License-Identifier: Apache-2.0
// Line: one thread's connection to the database: made when it is needed, and again after it was lost.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/result.h"
#include "store/connection.h"
#include "store/database.h"
#include "store/database_url.h"
#include "store/health.h"

namespace berth::store {

// One that writes says by `health` how the database is, and keeps other servers off it; one that reads believes it that
// it is there.
class Line {
 public:
  // All must outlive it. `on_connected` is called before anything is done on a connection, which is not used where it
  // fails.
  Line(
      const DatabaseUrl& url, Health& health, Use use, std::chrono::milliseconds retry,
      std::function<Result<>()> on_connected = [] { return Result<>(); })
      : url_(url), health_(health), use_(use), retry_(retry), on_connected_(std::move(on_connected)) {}

  // conflict, unavailable. [blocks]
  Result<> connect();
  // Whether it is still there, so that a database that went away is missed before somebody needs it. [blocks]
  void look();
  // Makes the next work have a new connection. [blocks]
  void disconnect() { sql_.reset(); }
  // In a transaction; twice where the connection had died while nobody used it. [blocks]
  Result<> run(const Database::Work& work);

 private:
  Result<> attempt();
  // `may_repeat` becomes false once it may have been committed. Without a connection afterwards: it was lost.
  Result<> in_transaction(const Database::Work& work, bool& may_repeat);
  Result<> failed(const soci::soci_error& error);
  void undo();

  const DatabaseUrl& url_;
  Health& health_;
  const Use use_;
  const std::chrono::milliseconds retry_;
  const std::function<Result<>()> on_connected_;
  std::unique_ptr<soci::session> sql_;
  std::shared_ptr<Claim> claim_;
  std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace berth::store
