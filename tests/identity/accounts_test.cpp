// SPDX-License-Identifier: Apache-2.0
#include "identity/accounts.h"

#include <gmock/gmock.h>

#include <thread>

#include "identity/account_house.h"
#include "store/accounts.h"

namespace berth::identity {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class AccountsTest : public AccountHouse {
 protected:
  // In the database, after all that was asked of it before.
  std::string hash_of(const std::string& name) {
    std::string hash;
    EXPECT_TRUE(database_->write([&](soci::session& sql) -> Result<> {
      for (const auto& user : store::all_users(sql)) {
        if (user.username == name) hash = user.password;
      }
      return {};
    }));
    return hash;
  }
};

TEST_F(AccountsTest, OutliveTheServer) {
  const auto id = ada();
  const auto key = add_key(id, {.name = "laptop"});
  ASSERT_TRUE(key);
  open();
  EXPECT_EQ(accounts_->find_key(key->secret).error().code, Code::busy) << "they are not read yet";
  ASSERT_TRUE(accounts_->load());
  EXPECT_EQ(accounts_->user("ada")->id, id);
  EXPECT_EQ(accounts_->find_key(key->secret)->user_id, id);
  EXPECT_TRUE(check("ada", "correct horse"));
}

TEST_F(AccountsTest, AreReadByTheFirstLookUpThatCould) {
  const auto id = ada();
  open();
  while (!accounts_->find_user(id, 1'900'000'000)) std::this_thread::yield();
  EXPECT_EQ(accounts_->find_user(id, 1'900'000'000)->name, "ada");
}

TEST_F(AccountsTest, KnowAKeyByItsSecretAlone) {
  const auto id = ada();
  const auto made = add_key(id, {.name = "laptop", .rights = *Rights::parse(R"({"digits":["predict"]})")});
  const auto found = accounts_->find_key(made->secret);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "ada");
  EXPECT_EQ(found->user_id, id);
  EXPECT_EQ(found->key_id, made->key.id);
  EXPECT_TRUE(may(*found, Right::predict, "digits"));
  EXPECT_FALSE(may(*found, Right::predict, "birds"));
  auto other = made->secret;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(accounts_->find_key(other).error().code, Code::unauthenticated);
  EXPECT_EQ(accounts_->keys(id).front().prefix, made->secret.substr(0, 12));
}

TEST_F(AccountsTest, RefuseAKeyThatIsDisabledExpiredOrGone) {
  const auto id = ada();
  const auto made = add_key(id, {.name = "laptop", .expires = now_ + seconds(60)});
  EXPECT_TRUE(accounts_->find_key(made->secret));
  now_ += seconds(60);
  EXPECT_FALSE(accounts_->find_key(made->secret));
  ASSERT_TRUE(change_key(made->key.id, {.expires = std::optional<Time>()}));
  EXPECT_TRUE(accounts_->find_key(made->secret));
  ASSERT_TRUE(change_key(made->key.id, {.enabled = false}));
  EXPECT_FALSE(accounts_->find_key(made->secret));
  ASSERT_TRUE(change_key(made->key.id, {.enabled = true}));
  ASSERT_TRUE(change(id, {.enabled = false}));
  EXPECT_FALSE(accounts_->find_key(made->secret)) << "its user is disabled";
  ASSERT_TRUE(change(id, {.enabled = true}));
  ASSERT_TRUE(wait<void>([&](auto done) { accounts_->remove_key(made->key.id, kAdmin, done); }));
  EXPECT_FALSE(accounts_->find_key(made->secret));
}

TEST_F(AccountsTest, NoteWhenAKeyWasUsedLastToTheMinute) {
  const auto made = add_key(ada(), {.name = "laptop"});
  EXPECT_EQ(made->key.last_used, std::nullopt);
  const auto last = [&] { return accounts_->keys(made->key.user_id).front().last_used.value_or("never"); };
  ASSERT_TRUE(accounts_->find_key(made->secret));
  const auto first = last();
  EXPECT_THAT(first, testing::StartsWith("2027-01-15T08:00:00"));
  now_ += seconds(59);
  ASSERT_TRUE(accounts_->find_key(made->secret));
  EXPECT_EQ(last(), first);
  now_ += seconds(1);
  ASSERT_TRUE(accounts_->find_key(made->secret));
  EXPECT_THAT(last(), testing::StartsWith("2027-01-15T08:01:00"));
  open();
  ASSERT_TRUE(accounts_->load());
  EXPECT_THAT(last(), testing::StartsWith("2027-01-15T08:01:00"));
}

TEST_F(AccountsTest, RefuseATokenOnceItsUserIsDisabledGoneOrHasAnotherPassword) {
  const auto id = ada();
  const auto issued = std::chrono::system_clock::to_time_t(now_) + 1;
  EXPECT_TRUE(accounts_->find_user(id, issued));
  ASSERT_TRUE(change(id, {.enabled = false}));
  EXPECT_FALSE(accounts_->find_user(id, issued));
  ASSERT_TRUE(change(id, {.enabled = true}));
  EXPECT_TRUE(accounts_->find_user(id, issued));
  now_ += seconds(10);
  ASSERT_TRUE(change(id, {.password = "battery staple"}));
  EXPECT_FALSE(accounts_->find_user(id, issued));
  EXPECT_FALSE(accounts_->find_user(id, std::chrono::system_clock::to_time_t(now_))) << "of the same second, too";
  EXPECT_TRUE(accounts_->find_user(id, accounts_->find_user(id, 1'900'000'000)->tokens_after));
  ASSERT_TRUE(remove(id));
  EXPECT_FALSE(accounts_->find_user(id, 1'900'000'000));
}

TEST_F(AccountsTest, TellNotWhyALoginFailed) {
  const auto id = ada();
  ASSERT_TRUE(add({.username = "keyonly"}));
  ASSERT_TRUE(check("ada", "correct horse"));
  const auto wrong = check("ada", "wrong horse").error();
  EXPECT_EQ(wrong.code, Code::unauthenticated);
  EXPECT_EQ(check("nobody", "correct horse").error().message, wrong.message);
  EXPECT_EQ(check("keyonly", "").error().message, wrong.message);
  ASSERT_TRUE(change(id, {.enabled = false}));
  EXPECT_EQ(check("ada", "correct horse").error().message, wrong.message);
}

TEST_F(AccountsTest, CheckAPasswordOfNobodyAsOneOfSomebody) {
  ada();
  ASSERT_TRUE(add({.username = "keyonly"}));
  for (const auto* name : {"ada", "nobody", "keyonly"}) EXPECT_FALSE(check(name, "wrong horse"));
  EXPECT_THAT(verified_, testing::SizeIs(3));
  EXPECT_THAT(verified_, testing::Each(testing::StartsWith("$argon2id$v=19$m=8,t=1,p=1$"))) << "at the same cost";
}

TEST_F(AccountsTest, HashAPasswordAnewAtAGoodLoginAfterTheCostWasChanged) {
  const auto id = ada();
  const auto issued = accounts_->find_user(id, 1'900'000'000)->tokens_after;
  cost_.memory_bytes = 16384;
  open();
  ASSERT_TRUE(accounts_->load());
  EXPECT_FALSE(check("ada", "wrong horse"));
  EXPECT_THAT(hash_of("ada"), HasSubstr("$m=8,t=1,"));
  now_ += std::chrono::hours(1);
  EXPECT_TRUE(check("ada", "correct horse"));
  EXPECT_FALSE(check("ada", "wrong horse"));  // comes after what the thread did of the good one
  EXPECT_THAT(hash_of("ada"), HasSubstr("$m=16,t=1,"));
  EXPECT_TRUE(check("ada", "correct horse"));
  EXPECT_THAT(verified_.back(), HasSubstr("$m=16,t=1,")) << "in memory, too";
  EXPECT_TRUE(accounts_->find_user(id, issued)) << "it is the same password";
}

TEST_F(AccountsTest, HaveOneUserOfAName) {
  ada();
  const auto again = add({.username = "ada", .password = "correct horse"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::conflict);
  EXPECT_EQ(accounts_->users().size(), 1U);
}

TEST_F(AccountsTest, NameWhatCannotBe) {
  const auto message = [&](const UserChange& user) { return add(user).error().message; };
  EXPECT_THAT(message({.password = "correct horse"}), HasSubstr("username"));
  EXPECT_THAT(message({.username = ""}), HasSubstr("username"));
  EXPECT_THAT(message({.username = std::string(65, 'a')}), HasSubstr("username"));
  EXPECT_THAT(message({.username = "a\nb"}), HasSubstr("username"));
  EXPECT_THAT(message({.username = " ada"}), HasSubstr("username"));
  EXPECT_THAT(message({.username = "\xff"}), HasSubstr("username"));
  EXPECT_THAT(message({.username = "ada", .password = "short"}), HasSubstr("password"));
  EXPECT_THAT(message({.username = "ada", .email = std::string(255, 'a')}), HasSubstr("email"));
  EXPECT_THAT(change(ada(), {.username = "bob"}).error().message, HasSubstr("username"));
  EXPECT_THAT(add_key(1, {}).error().message, HasSubstr("name"));
  EXPECT_EQ(change(99, {.enabled = false}).error().code, Code::not_found);
  EXPECT_EQ(remove(99).error().code, Code::not_found);
  EXPECT_EQ(add_key(99, {.name = "x"}).error().code, Code::not_found);
  EXPECT_EQ(change_key(99, {.name = "x"}).error().code, Code::not_found);
}

TEST_F(AccountsTest, KeepTheirLastAdmin) {
  const auto root = add({.username = "root", .role = Role::admin})->id;
  for (const auto& change_of_root : {UserChange{.role = Role::user}, UserChange{.enabled = false}}) {
    EXPECT_EQ(change(root, change_of_root).error().code, Code::conflict);
  }
  EXPECT_EQ(remove(root).error().code, Code::conflict);
  const auto second = add({.username = "second", .role = Role::admin, .enabled = false})->id;
  EXPECT_EQ(remove(root).error().code, Code::conflict) << "one who cannot come in is none";
  ASSERT_TRUE(change(second, {.enabled = true}));
  EXPECT_TRUE(remove(root));
  EXPECT_EQ(remove(second).error().code, Code::conflict);
}

TEST_F(AccountsTest, WriteDownEachChangeAndNoSecret) {
  const auto id = ada();
  const auto key = add_key(id, {.name = "laptop"});
  ASSERT_TRUE(change(id, {.password = "battery staple", .role = Role::viewer}));
  ASSERT_TRUE(change_key(key->key.id, {.enabled = false}));
  ASSERT_TRUE(remove(id));
  EXPECT_FALSE(remove(id));
  const auto of = std::to_string(id), of_key = std::to_string(key->key.id);
  EXPECT_THAT(audit(), ElementsAre("user.create user " + of, "key.create key " + of_key, "user.change user " + of,
                                   "key.change key " + of_key, "user.remove user " + of));
  const auto database = test::read_file(folder_ / "berth.db") + test::read_file(folder_ / "berth.db-wal");
  for (const auto& secret : {std::string("correct horse"), std::string("battery staple"), key->secret}) {
    EXPECT_EQ(database.find(secret), std::string::npos);
  }
}

TEST_F(AccountsTest, GiveAKeyNoMoreThanItsUserHas) {
  const auto viewer = add({.username = "eve", .role = Role::viewer})->id;
  const auto made = add_key(viewer, {.name = "k", .rights = Rights::on_all({Right::manage})});
  EXPECT_FALSE(may(*accounts_->find_key(made->secret), Right::manage, "digits"));
  ASSERT_TRUE(change(viewer, {.rights = Rights::on_all({Right::manage})}));
  EXPECT_TRUE(may(*accounts_->find_key(made->secret), Right::manage, "digits")) << "at once";
}

}  // namespace
}  // namespace berth::identity
