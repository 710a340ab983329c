// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.h"

#include <gmock/gmock.h>
#include <soci/soci.h>
#include <unistd.h>

#include <fstream>
#include <future>

#include "store/accounts.h"
#include "store/audit_log.h"
#include "store/both_databases.h"
#include "store/connection.h"
#include "store/records.h"

namespace berth::store {
namespace {

using Migrations = BothDatabases;
INSTANTIATE_TEST_SUITE_P(On, Migrations, both_kinds(), name_of_kind);

TEST_P(Migrations, AreAppliedOnceEach) {
  for (int i = 0; i < 2; ++i) {
    open();
    int steps = 0, last = 0;
    ASSERT_TRUE(database_->read([&](soci::session& sql) -> Result<> {
      sql << "SELECT COUNT(*), MAX(version) FROM schema_versions", soci::into(steps), soci::into(last);
      return {};
    }));
    EXPECT_EQ(steps, latest_version());
    EXPECT_EQ(last, latest_version());
  }
}

TEST_P(Migrations, ThatFailLeaveTheDatabaseAsItWas) {
  database_.reset();
  const auto url = parse_database_url(options_.url);
  auto sql = connect(*url, Use::write);
  ASSERT_TRUE(sql);
  **sql << "DROP TABLE schema_versions";
  // The first step's tables are there already, so it cannot be done again.
  EXPECT_THROW((void)migrate(**sql, url->kind), soci::soci_error);
  (*sql)->rollback();
  int count = -1;
  EXPECT_THROW(((**sql << "SELECT COUNT(*) FROM schema_versions"), soci::into(count)), soci::soci_error);
}

constexpr const char* kTime = "2026-11-22T10:00:00.123456Z";

void take_step(soci::session& sql, DatabaseKind kind, int version) {
  for (const auto& statement : migration(version, kind)) sql << statement;
  sql << "INSERT INTO schema_versions (version, applied) VALUES (:version, 'then')", soci::use(version);
}

int versions_of(soci::session& sql) {
  int count = 0;
  sql << "SELECT COUNT(*) FROM schema_versions", soci::into(count);
  return count;
}

// What the first step left, in the words that it knew: a user, their key, and that both were made.
class OldDatabase : public BothDatabases {
 protected:
  void SetUp() override {
    BothDatabases::SetUp();
    if (IsSkipped()) return;
    database_.reset();
    options_.url = GetParam() == DatabaseKind::sqlite ? "sqlite:" + (folder_ / "old.db").string()
                                                      : test::shared_postgres()->make_database();
    const std::string when(kTime);
    const auto sql = connection();
    *sql << "CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, applied TEXT NOT NULL)";
    take_step(*sql, GetParam(), 1);
    *sql << "INSERT INTO users (username, password, email, role, enabled, rights, quota, tokens_after,"
            " created_datetime, updated_datetime) VALUES ('ada', '$argon2id$', 'ada@example.org', 'admin', 1,"
            " '{\"digits\":[\"predict\"]}', '{}', 1800000000, :created, :updated)",
        soci::use(when), soci::use(when);
    *sql << "INSERT INTO api_keys (user_id, name, prefix, hash, enabled, rights, quota, created_datetime,"
            " updated_datetime) VALUES (1, 'laptop', 'berth_ab', 'cdef', 1, '{}', '{}', :created, :updated)",
        soci::use(when), soci::use(when);
    append(*sql, {.actor = "root", .address = "127.0.0.1", .action = "user.create", .target = "user 1"});
    append(*sql, {.actor = "root", .address = "127.0.0.1", .action = "key.create", .target = "key 1"});
  }

  std::unique_ptr<soci::session> connection() const {
    auto sql = connect(*parse_database_url(options_.url), Use::write);
    if (!sql) throw std::runtime_error(sql.error().message);
    return std::move(*sql);
  }
};
INSTANTIATE_TEST_SUITE_P(On, OldDatabase, both_kinds(), name_of_kind);

TEST_P(OldDatabase, IsBroughtUpToDateWithItsRows) {
  for (int i = 0; i < 2; ++i) {
    open();
    ASSERT_TRUE(database_->write([](soci::session& sql) -> Result<> {
      EXPECT_EQ(versions_of(sql), latest_version());
      const auto users = all_users(sql);
      EXPECT_EQ(users.at(0).id, 1);
      EXPECT_EQ(users.at(0).username, "ada");
      EXPECT_EQ(users.at(0).rights_json, R"({"digits":["predict"]})");
      EXPECT_EQ(users.at(0).tokens_after, 1'800'000'000);
      EXPECT_EQ(users.at(0).created, kTime);
      const auto keys = all_keys(sql);
      EXPECT_EQ(keys.at(0).user_id, 1);
      EXPECT_EQ(keys.at(0).hash, "cdef");
      EXPECT_EQ(keys.at(0).expires, std::nullopt);
      const auto log = verify(sql);
      EXPECT_EQ(log.first_altered, std::nullopt);
      EXPECT_EQ(log.count, 2);
      EXPECT_EQ(totals(sql).requests, 0) << "there is room for records";
      return {};
    }));
  }
  ASSERT_TRUE(database_->write([](soci::session& sql) -> Result<> {
    UserRow bob{.username = "bob", .password = "", .role = "user", .created = kTime, .updated = kTime};
    insert(sql, bob);
    EXPECT_EQ(bob.id, 2) << "numbers go on";
    return {};
  }));
}

// How often a thread of this process went to sleep.
long sleeps_of(pid_t thread) {
  std::ifstream status(std::string("/proc/self/task/").append(std::to_string(thread)).append("/status"));
  constexpr std::string_view kSleeps = "voluntary_ctxt_switches:";
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kSleeps)) return std::stol(line.substr(kSleeps.size()));
  }
  return 0;
}

TEST_P(OldDatabase, IsLeftToWhoeverIsAtItAlready) {
  const auto kind = GetParam();
  const auto first = connection(), second = connection(), third = connection();
  begin(*first, kind, Use::write);
  if (kind == DatabaseKind::postgresql) *first << "SELECT pg_advisory_xact_lock(4247101)";
  for (int version = 2; version <= latest_version(); ++version) take_step(*first, kind, version);

  std::promise<pid_t> started;
  auto done = std::async(std::launch::async, [&] {
    started.set_value(::gettid());
    return migrate(*second, kind);
  });
  // PostgreSQL says who waits. SQLite has the thread ask again and again, and sleep in between.
  const auto thread = started.get_future().get();
  const auto sleeps = sleeps_of(thread);
  const auto waits = [&] {
    if (kind == DatabaseKind::sqlite) return sleeps_of(thread) >= sleeps + 5;
    int waiting = 0;
    *third << "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4247101 AND NOT granted"
              " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        soci::into(waiting);
    return waiting == 1;
  };
  bool has_waited = false;
  while (!has_waited && done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) has_waited = waits();
  EXPECT_TRUE(has_waited);
  first->commit();
  const auto migrated = done.get();
  EXPECT_TRUE(migrated) << migrated.error().message;
  EXPECT_EQ(versions_of(*second), latest_version()) << "each step once";
}

TEST(MigrationSteps, HaveNoWordLeftThatOneDatabaseDoesNotKnow) {
  for (int version = 1; version <= latest_version(); ++version) {
    for (const auto kind : {DatabaseKind::sqlite, DatabaseKind::postgresql}) {
      const auto statements = migration(version, kind);
      EXPECT_FALSE(statements.empty());
      for (const auto& statement : statements) EXPECT_EQ(statement.find('{'), std::string::npos) << statement;
    }
  }
}

}  // namespace
}  // namespace berth::store
