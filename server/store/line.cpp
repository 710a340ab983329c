// SPDX-License-Identifier: Apache-2.0
#include "store/line.h"

#include <utility>

#include "store/migrations.h"

namespace berth::store {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Result<> Line::connect() {
  if (sql_ != nullptr) return {};
  if (Clock::now() < not_before_) return failure(Code::unavailable, health_.problem());
  auto made = attempt();
  if (!made) not_before_ = Clock::now() + retry_;
  if (use_ == Use::write) health_.set_connection(made ? "" : made.error().message);
  return made;
}

void Line::look() {
  if (use_ == Use::read) return;
  (void)run([](soci::session& sql) -> Result<> {
    sql << "SELECT 1";
    return {};
  });
}

Result<> Line::run(const Database::Work& work) {
  for (int attempt = 0;; ++attempt) {
    if (auto connected = connect(); !connected) return connected;
    bool may_repeat = attempt == 0;
    auto result = in_transaction(work, may_repeat);
    if (result || sql_ != nullptr || !may_repeat) return result;
  }
}

Result<> Line::attempt() {
  if (use_ == Use::read && !health_.is_connected()) return failure(Code::unavailable, health_.problem());
  auto sql = store::connect(url_, use_);
  if (!sql) return failure(std::move(sql.error()));
  if (use_ == Use::write) {
    try {
      claim_.reset();
      auto claimed = claim(**sql, url_);
      if (!claimed) return failure(std::move(claimed.error()));
      if (auto migrated = migrate(**sql, url_.kind); !migrated) return migrated;
      leave_sync_to_others(**sql, url_.kind);
      claim_ = std::move(*claimed);
    } catch (const soci::soci_error& error) {
      return failure(error_of(error));
    }
  }
  if (auto ready = on_connected_(); !ready) return ready;
  sql_ = std::move(*sql);
  return {};
}

Result<> Line::in_transaction(const Database::Work& work, bool& may_repeat) {
  try {
    begin(*sql_, url_.kind, use_);
    auto done = work(*sql_);
    if (!done) {
      sql_->rollback();
      return done;
    }
    may_repeat = false;
    sql_->commit();
    return {};
  } catch (const soci::soci_error& error) {
    return failed(error);
  } catch (const std::exception& error) {
    undo();
    return failure(Code::internal, error.what());
  }
}

Result<> Line::failed(const soci::soci_error& error) {
  auto told = error_of(error);
  if (is_lost(*sql_, error)) {
    sql_.reset();
    told = {Code::unavailable, "the connection to the database was lost"};
    if (use_ == Use::write) health_.set_connection(told.message);
  } else {
    undo();
    if (use_ == Use::write && told.code == Code::unavailable) health_.set_writing(told.message);
  }
  return failure(std::move(told));
}

void Line::undo() {
  try {
    sql_->rollback();
  } catch (const soci::soci_error&) {
    sql_.reset();
  }
}

}  // namespace berth::store
