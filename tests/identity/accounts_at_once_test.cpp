// SPDX-License-Identifier: Apache-2.0
// Changes of accounts that follow one another before the first is on disk.
#include <gmock/gmock.h>

#include <filesystem>
#include <functional>
#include <future>
#include <memory>

#include "identity/account_house.h"
#include "store/accounts.h"

namespace berth::identity {
namespace {

class AccountsAtOnce : public AccountHouse {
 protected:
  // What `changes` asks for is all committed before any of it is told to be on disk.
  void at_once(const std::function<void()>& changes) {
    const auto nothing = [](soci::session&) -> Result<> { return {}; };
    std::promise<void> is_held, may_go, committed;
    // Holds the thread that syncs.
    database_->write(nothing, [&is_held, go = may_go.get_future().share()](const Result<>&) {
      is_held.set_value();
      go.wait();
    });
    is_held.get_future().wait();
    changes();
    database_->write(
        nothing, [&](const Result<>&) { committed.set_value(); }, store::Sync::later);
    committed.get_future().wait();
    may_go.set_value();
  }

  std::future<Result<User>> start(std::int64_t id, UserChange what) {
    auto told = std::make_shared<std::promise<Result<User>>>();
    accounts_->change_user(id, std::move(what), kAdmin,
                           [told](Result<User> user) { told->set_value(std::move(user)); });
    return told->get_future();
  }

  void reopen() {
    open();
    ASSERT_TRUE(accounts_->load());
  }
};

TEST_F(AccountsAtOnce, KeepEachOthersChanges) {
  const auto id = ada();
  std::future<Result<User>> first, second;
  at_once([&] {
    first = start(id, {.enabled = false});
    second = start(id, {.email = "ada@example.org"});
  });
  EXPECT_TRUE(first.get());
  const auto last = second.get();
  ASSERT_TRUE(last);
  EXPECT_FALSE(last->enabled);
  reopen();
  EXPECT_FALSE(accounts_->user(id)->enabled);
  EXPECT_EQ(accounts_->user(id)->email, "ada@example.org");
}

TEST_F(AccountsAtOnce, LeaveOneAdmin) {
  const auto one = add({.username = "one", .role = Role::admin})->id;
  const auto other = add({.username = "other", .role = Role::admin})->id;
  std::future<Result<User>> first, second;
  at_once([&] {
    first = start(one, {.enabled = false});
    second = start(other, {.enabled = false});
  });
  EXPECT_TRUE(first.get());
  const auto refused = second.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  reopen();
  EXPECT_TRUE(accounts_->user(other)->enabled);
}

TEST_F(AccountsAtOnce, BringNoKeyBack) {
  const auto key = add_key(ada(), {.name = "laptop"});
  auto changed = std::make_shared<std::promise<Result<Key>>>();
  at_once([&] {
    accounts_->remove_key(key->key.id, kAdmin, [](const Result<>&) {});
    accounts_->change_key(key->key.id, {.name = "other"}, kAdmin,
                          [changed](Result<Key> what) { changed->set_value(std::move(what)); });
  });
  const auto refused = changed->get_future().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_found);
  EXPECT_FALSE(accounts_->find_key(key->secret));
}

TEST_F(AccountsAtOnce, AreFoundMissingWhereTheDatabaseHasThemNot) {
  const auto id = ada();
  const auto key = add_key(id, {.name = "laptop"});
  ASSERT_TRUE(database_->write([id](soci::session& sql) -> Result<> {
    store::remove_user(sql, id);
    return {};
  }));
  const auto user = change(id, {.email = "ada@example.org"});
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().code, Code::not_found);
  EXPECT_EQ(change_key(key->key.id, {.name = "other"}).error().code, Code::not_found);
}

// The database has the change: what is not known is only whether a power cut would take it.
TEST_F(AccountsAtOnce, AreAsTheDatabaseHasThemThoughTheDiskFailed) {
  const auto id = ada();
  const auto log = folder_ / "berth.db-wal", elsewhere = folder_ / "elsewhere";
  std::filesystem::rename(log, elsewhere);
  const auto changed = change(id, {.enabled = false});
  std::filesystem::rename(elsewhere, log);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::unavailable);
  EXPECT_FALSE(accounts_->user(id)->enabled);
  EXPECT_FALSE(accounts_->find_user(id, 1'900'000'000));
}

}  // namespace
}  // namespace berth::identity
