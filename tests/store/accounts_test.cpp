// SPDX-License-Identifier: Apache-2.0
#include "store/accounts.h"

#include <gmock/gmock.h>
#include <soci/soci.h>

#include "store/both_databases.h"

namespace berth::store {
namespace {

constexpr const char* kTime = "2026-11-22T10:00:00.123456Z";

class Accounts : public BothDatabases {
 protected:
  std::int64_t add_user(const std::string& name) {
    UserRow user{.username = name, .password = "$argon2id$…", .role = "user", .created = kTime, .updated = kTime};
    const auto added = database_->write([&](soci::session& sql) -> Result<> {
      insert(sql, user);
      return {};
    });
    return added ? user.id : 0;
  }
  void change(const std::function<void(soci::session&)>& change) {
    ASSERT_TRUE(database_->write([&](soci::session& sql) -> Result<> {
      change(sql);
      return {};
    }));
  }
  std::vector<UserRow> users() {
    std::vector<UserRow> rows;
    change([&](soci::session& sql) { rows = all_users(sql); });
    return rows;
  }
  std::vector<KeyRow> keys() {
    std::vector<KeyRow> rows;
    change([&](soci::session& sql) { rows = all_keys(sql); });
    return rows;
  }
};
INSTANTIATE_TEST_SUITE_P(On, Accounts, both_kinds(), name_of_kind);

TEST_P(Accounts, ComeBackAsTheyWereKept) {
  UserRow user{.username = "ada",
               .password = "$argon2id$…",
               .email = "ada@example.org",
               .role = "admin",
               .enabled = false,
               .rights_json = R"({"digits":["predict"]})",
               .quota_json = R"({"requests_per_second":5})",
               .tokens_after = 1'800'000'000'000,
               .created = kTime,
               .updated = kTime};
  change([&](soci::session& sql) { insert(sql, user); });
  ASSERT_EQ(users().size(), 1U);
  const auto kept = users().front();
  EXPECT_EQ(kept.id, user.id);
  EXPECT_EQ(kept.username, "ada");
  EXPECT_EQ(kept.password, "$argon2id$…");
  EXPECT_EQ(kept.email, "ada@example.org");
  EXPECT_EQ(kept.role, "admin");
  EXPECT_FALSE(kept.enabled);
  EXPECT_EQ(kept.rights_json, user.rights_json);
  EXPECT_EQ(kept.quota_json, user.quota_json);
  EXPECT_EQ(kept.tokens_after, user.tokens_after);
  EXPECT_EQ(kept.created, kTime);
  EXPECT_EQ(kept.updated, kTime);
}

TEST_P(Accounts, HaveNamesThatAreTheirsAlone) {
  EXPECT_GT(add_user("ada"), 0);
  EXPECT_EQ(add_user("ada"), 0);
}

TEST_P(Accounts, NeverGetTheIdOfOneThatIsGone) {
  const auto first = add_user("ada");
  change([&](soci::session& sql) { remove_user(sql, first); });
  EXPECT_GT(add_user("ada"), first);
}

TEST_P(Accounts, HaveKeysThatGoWithThem) {
  KeyRow key{.user_id = add_user("ada"),
             .name = "laptop",
             .prefix = "berth_ab12",
             .hash = "cafe",
             .expires = kTime,
             .created = kTime,
             .updated = kTime};
  change([&](soci::session& sql) { insert(sql, key); });
  ASSERT_EQ(keys().size(), 1U);
  EXPECT_EQ(keys().front().expires, kTime);
  EXPECT_EQ(keys().front().last_used, std::nullopt);
  change([&](soci::session& sql) { set_last_used(sql, key.id, kTime); });
  EXPECT_EQ(keys().front().last_used, kTime);
  key.expires = std::nullopt;
  key.enabled = false;
  key.name = "old laptop";
  change([&](soci::session& sql) { EXPECT_TRUE(update(sql, key)); });
  EXPECT_EQ(keys().front().name, "old laptop");
  EXPECT_EQ(keys().front().expires, std::nullopt);
  EXPECT_FALSE(keys().front().enabled);
  change([&](soci::session& sql) { remove_user(sql, key.user_id); });
  EXPECT_TRUE(keys().empty());
  EXPECT_TRUE(users().empty());
}

TEST_P(Accounts, ChangeAsAWhole) {
  const auto id = add_user("ada");
  auto user = users().front();
  user.username = "lovelace";
  user.role = "viewer";
  user.rights_json = R"({"*":["predict"]})";
  user.tokens_after = 17;
  change([&](soci::session& sql) { EXPECT_TRUE(update(sql, user)); });
  const auto kept = users().front();
  EXPECT_EQ(kept.id, id);
  EXPECT_EQ(kept.username, "lovelace");
  EXPECT_EQ(kept.role, "viewer");
  EXPECT_EQ(kept.rights_json, user.rights_json);
  EXPECT_EQ(kept.tokens_after, 17);
}

}  // namespace
}  // namespace berth::store
