// SPDX-License-Identifier: Apache-2.0
// AccountHouse: accounts on an empty database, with a clock that a test sets, asked as if there were no threads.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "identity/accounts.h"
#include "store/audit_log.h"
#include "support/temp_folder.h"

namespace berth::identity {

class AccountHouse : public testing::Test {
 public:
  // Waits for what `ask` is told.
  template <typename T, typename Ask>
  static Result<T> wait(Ask ask) {
    auto told = std::make_shared<std::promise<Result<T>>>();
    auto result = told->get_future();
    ask([told](Result<T> answer) { told->set_value(std::move(answer)); });
    return result.get();
  }

 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(accounts_->load());
  }

  void open() {
    accounts_.reset();
    database_.reset();
    database_ = *store::Database::open({.url = "sqlite:" + (folder_ / "berth.db").string()});
    accounts_ = std::make_unique<Accounts>(
        *database_, Accounts::Options{.cost = cost_,
                                      .now = [this] { return now_; },
                                      .on_verify = [this](const std::string& hash) { verified_.push_back(hash); }});
  }

  Result<User> add(UserChange user) {
    return wait<User>([&](auto done) { accounts_->add_user(user, kAdmin, done); });
  }
  Result<User> change(std::int64_t id, UserChange what) {
    return wait<User>([&](auto done) { accounts_->change_user(id, what, kAdmin, done); });
  }
  Result<> remove(std::int64_t id) {
    return wait<void>([&](auto done) { accounts_->remove_user(id, kAdmin, done); });
  }
  Result<NewKey> add_key(std::int64_t user_id, KeyChange key) {
    return wait<NewKey>([&](auto done) { accounts_->add_key(user_id, key, kAdmin, done); });
  }
  Result<Key> change_key(std::int64_t id, KeyChange what) {
    return wait<Key>([&](auto done) { accounts_->change_key(id, what, kAdmin, done); });
  }
  Result<Principal> check(const std::string& username, const std::string& password) {
    return wait<Principal>([&](auto done) { accounts_->check_password(username, password, done); });
  }
  std::int64_t ada() { return add({.username = "ada", .password = "correct horse"})->id; }

  // "user.create user 1", newest last.
  std::vector<std::string> audit() {
    std::vector<std::string> lines;
    const auto read = database_->write([&](soci::session& sql) -> Result<> {
      for (const auto& entry : store::newest(sql, 0, 1000))
        lines.insert(lines.begin(), entry.action + " " + entry.target);
      return {};
    });
    EXPECT_TRUE(read);
    return lines;
  }

  inline static const Actor kAdmin{.name = "root", .address = "127.0.0.1"};

  test::TempFolder folder_;
  Time now_ = std::chrono::system_clock::from_time_t(1'800'000'000);
  PasswordCost cost_{.memory_bytes = 8192, .passes = 1};
  std::vector<std::string> verified_;  // the hashes that passwords were compared with, by one thread
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Accounts> accounts_;
};

}  // namespace berth::identity
