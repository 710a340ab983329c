// SPDX-License-Identifier: Apache-2.0
// What becomes of a database whose server goes away and comes back.
#include <gtest/gtest.h>
#include <soci/soci.h>

#include <future>
#include <thread>

#include "store/database.h"
#include "support/postgres_server.h"

namespace berth::store {
namespace {

Result<> nothing(soci::session& sql) {
  sql << "SELECT 1";
  return {};
}

TEST(PostgresOutage, IsToldAndHealsByItself) {
  if (test::PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  test::PostgresServer server;
  const auto opened = Database::open({.url = server.make_database(), .retry = std::chrono::milliseconds(20)});
  ASSERT_TRUE(opened);
  auto& database = **opened;
  ASSERT_TRUE(database.write([](soci::session& sql) -> Result<> {
    sql << "CREATE TABLE birds (name TEXT)";
    return {};
  }));
  ASSERT_TRUE(database.read(nothing));
  server.stop();
  const auto down = database.write(nothing);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, Code::unavailable);
  EXPECT_NE(database.problem(), "");
  EXPECT_FALSE(database.read(nothing));
  server.start();
  while (!database.write(nothing)) std::this_thread::yield();
  while (!database.read(nothing)) std::this_thread::yield();
  EXPECT_EQ(database.problem(), "");
}

TEST(PostgresOutage, IsMissedThoughNobodyAsks) {
  if (test::PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  test::PostgresServer server;
  const auto opened = Database::open({.url = server.make_database(), .retry = std::chrono::milliseconds(5)});
  ASSERT_TRUE(opened);
  server.stop();
  while ((*opened)->problem().empty()) std::this_thread::yield();
  server.start();
  while (!(*opened)->problem().empty()) std::this_thread::yield();
}

TEST(PostgresOutage, OfOneConnectionCostsNothing) {
  if (test::PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  auto* server = test::shared_postgres();
  const auto opened = Database::open({.url = server->make_database(), .retry = std::chrono::minutes(10)});
  ASSERT_TRUE(opened);
  int own = 0;
  ASSERT_TRUE((*opened)->write([&own](soci::session& sql) -> Result<> {
    sql << "SELECT pg_backend_pid()", soci::into(own);
    return {};
  }));
  ASSERT_TRUE((*opened)->read([own](soci::session& sql) -> Result<> {
    sql << "SELECT pg_terminate_backend(:pid, 10000)", soci::use(own);
    return {};
  }));
  EXPECT_TRUE((*opened)->write(nothing)) << "it is made again, and the work done on it";
}

// That of the syncs, while the one that writes is there and busy.
TEST(PostgresOutage, OfTheOtherConnectionsEndsWithTheNextWrite) {
  if (test::PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  auto* server = test::shared_postgres();
  const auto opened = Database::open({.url = server->make_database(), .retry = std::chrono::minutes(10)});
  ASSERT_TRUE(opened);
  auto& database = **opened;
  std::promise<void> waits, began;
  std::promise<Result<>> first, second;
  auto told_first = first.get_future().share();
  // Who syncs waits until the second write is at work, and only then finds out.
  database.write(nothing, [&waits, has_begun = began.get_future().share()](const Result<>&) {
    waits.set_value();
    has_begun.wait();
  });
  waits.get_future().wait();
  database.write(
      [](soci::session& sql) -> Result<> {
        sql << "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'berth'"
               " AND datname = current_database() AND pid <> pg_backend_pid()";
        return {};
      },
      [&first](Result<> result) { first.set_value(std::move(result)); });
  database.write(
      [&began, told_first](soci::session&) -> Result<> {
        began.set_value();
        told_first.wait();
        return {};
      },
      [&second](Result<> result) { second.set_value(std::move(result)); });
  EXPECT_EQ(told_first.get().error().code, Code::unavailable) << "nobody knows whether it is on disk";
  const auto told_second = second.get_future().get();
  ASSERT_FALSE(told_second);
  EXPECT_EQ(told_second.error().code, Code::unavailable) << told_second.error().message;
  EXPECT_TRUE(database.write(nothing));
}

}  // namespace
}  // namespace berth::store
