// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <gmock/gmock.h>
#include <soci/soci.h>
#include <sys/stat.h>

#include <filesystem>
#include <future>
#include <thread>
#include <vector>

#include "store/both_databases.h"
#include "support/command.h"

namespace berth::store {
namespace {

using testing::HasSubstr;

Result<> make_table(soci::session& sql) {
  sql << "CREATE TABLE birds (name VARCHAR(20) PRIMARY KEY)";
  return {};
}

Database::Work add_bird(std::string name) {
  return [name = std::move(name)](soci::session& sql) -> Result<> {
    sql << "INSERT INTO birds (name) VALUES (:name)", soci::use(name);
    return {};
  };
}

int count_birds(Database& database) {
  int count = -1;
  const auto read = database.read([&count](soci::session& sql) -> Result<> {
    sql << "SELECT COUNT(*) FROM birds", soci::into(count);
    return {};
  });
  return read ? count : -1;
}

using DatabaseTest = BothDatabases;
INSTANTIATE_TEST_SUITE_P(On, DatabaseTest, both_kinds(), name_of_kind);

TEST_P(DatabaseTest, KeepsWhatWasWrittenWhenItIsOpenedAgain) {
  ASSERT_TRUE(database_->write(make_table));
  ASSERT_TRUE(database_->write(add_bird("wren")));
  EXPECT_EQ(count_birds(*database_), 1);
  open();
  EXPECT_EQ(count_birds(*database_), 1);
}

TEST_P(DatabaseTest, UndoesWhatFailed) {
  ASSERT_TRUE(database_->write(make_table));
  const auto failed = database_->write([](soci::session& sql) -> Result<> {
    sql << "INSERT INTO birds (name) VALUES ('wren')";
    return failure(Code::not_found, "no such bird");
  });
  EXPECT_EQ(failed.error().message, "no such bird");
  const auto thrown = database_->write([](soci::session& sql) -> Result<> {
    sql << "INSERT INTO birds (name) VALUES ('wren')";
    throw std::runtime_error("fell out of the nest");
  });
  EXPECT_EQ(thrown.error().code, Code::internal);
  EXPECT_EQ(count_birds(*database_), 0);
}

TEST_P(DatabaseTest, SaysWhenAConstraintForbidsIt) {
  ASSERT_TRUE(database_->write(make_table));
  ASSERT_TRUE(database_->write(add_bird("wren")));
  const auto again = database_->write(add_bird("wren"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::conflict);
  EXPECT_TRUE(database_->write(add_bird("robin"))) << "the connection works on";
}

// As a backup does, or sqlite3 in a shell: who opens and closes the file last must not take its log away.
TEST_P(DatabaseTest, KeepsItsLogWhereAnotherProcessOpensTheFile) {
  if (GetParam() != DatabaseKind::sqlite) GTEST_SKIP() << "of files alone";
  ASSERT_TRUE(database_->write(make_table));
  ASSERT_TRUE(database_->write(add_bird("wren")));
  EXPECT_EQ(count_birds(*database_), 1) << "a reader has opened it, too";
  const auto log = folder_ / "berth.db-wal";
  ASSERT_TRUE(std::filesystem::exists(log));
  const auto other = test::run("python3 -c \"import sqlite3; c = sqlite3.connect('" + (folder_ / "berth.db").string() +
                               "'); print(c.execute('SELECT COUNT(*) FROM birds').fetchone()[0]); c.close()\" 2>&1");
  EXPECT_EQ(other.output, "1\n");
  EXPECT_TRUE(std::filesystem::exists(log));
  EXPECT_TRUE(database_->write(add_bird("robin")));
  EXPECT_EQ(count_birds(*database_), 2);
}

TEST_P(DatabaseTest, TellsNoValuesInItsErrors) {
  const auto failed = database_->write([](soci::session& sql) -> Result<> {
    const std::string secret = "hunter2";
    sql << "INSERT INTO nowhere (name) VALUES (:name)", soci::use(secret);
    return {};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::internal);
  EXPECT_THAT(failed.error().message, HasSubstr("nowhere"));
  EXPECT_EQ(failed.error().message.find("hunter2"), std::string::npos);
}

TEST_P(DatabaseTest, DoesWhatWasAskedForBeforeItIsClosed) {
  ASSERT_TRUE(database_->write(make_table));
  std::vector<std::future<bool>> done;
  for (int i = 0; i < 100; ++i) {
    auto told = std::make_shared<std::promise<bool>>();
    done.push_back(told->get_future());
    database_->write(add_bird(std::to_string(i)), [told](Result<> result) { told->set_value(result.has_value()); });
  }
  open();
  for (auto& each : done) EXPECT_TRUE(each.get());
  EXPECT_EQ(count_birds(*database_), 100);
}

TEST_P(DatabaseTest, RefusesWhatItHasNoRoomFor) {
  options_.max_waiting = 1;
  open();
  std::promise<void> started, may_end;
  auto ended = may_end.get_future().share();
  database_->write(
      [&started, ended](soci::session&) -> Result<> {
        started.set_value();
        ended.wait();
        return {};
      },
      [](Result<>) {});
  started.get_future().wait();
  const auto ignore = [](Result<>) {};
  database_->write([](soci::session&) -> Result<> { return {}; }, ignore);  // waits
  const auto refused = database_->write([](soci::session&) -> Result<> { return {}; });
  may_end.set_value();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::busy);
  EXPECT_TRUE(refused.error().retry_after);
}

TEST_P(DatabaseTest, IsOneServersOnly) {
  const auto second = Database::open(options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_THAT(second.error().message, HasSubstr("another server"));
}

TEST_P(DatabaseTest, OfALaterBerthIsLeftAlone) {
  ASSERT_TRUE(database_->write([](soci::session& sql) -> Result<> {
    sql << "INSERT INTO schema_versions (version, applied) VALUES (1000, 'then')";
    return {};
  }));
  database_.reset();
  const auto opened = Database::open(options_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("later Berth"));
}

TEST(SqliteDatabase, IsNobodyElsesToRead) {
  const test::TempFolder folder;
  const auto file = folder / "berth.db";
  const auto opened = Database::open({.url = "sqlite:" + file.string()});
  ASSERT_TRUE(opened);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077U, 0U) << entry.path();
  }
}

// SQLite puts what belongs to the file beside it, not beside the link.
TEST(SqliteDatabase, MayBeALinkToAFileThatIsThereOrNot) {
  const test::TempFolder folder, elsewhere;
  const auto link = folder / "berth.db", middle = folder / "middle", file = elsewhere / "real.db";
  std::filesystem::create_symlink("middle", link);
  std::filesystem::create_symlink(file, middle);
  for (int i = 0; i < 2; ++i) {
    const auto opened = Database::open({.url = "sqlite:" + link.string()});
    ASSERT_TRUE(opened);
    EXPECT_TRUE((*opened)->write([](soci::session&) -> Result<> { return {}; }));
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077U, 0U);
    const auto second = Database::open({.url = "sqlite:" + file.string()});
    ASSERT_FALSE(second) << "it is the same";
    EXPECT_EQ(second.error().code, Code::conflict);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "berth.db.lock"));
}

TEST(SqliteDatabase, ThatCannotBeMadeSaysWhyAndIsTriedAgain) {
  const test::TempFolder folder;
  const auto place = folder / "later";
  const auto opened =
      Database::open({.url = "sqlite:" + (place / "berth.db").string(), .retry = std::chrono::milliseconds(1)});
  ASSERT_TRUE(opened);
  EXPECT_THAT((*opened)->problem(), HasSubstr("later/berth.db"));
  const auto nothing = [](soci::session&) -> Result<> { return {}; };
  EXPECT_EQ((*opened)->write(nothing).error().code, Code::unavailable);
  std::filesystem::create_directory(place);
  while (!(*opened)->write(nothing)) std::this_thread::yield();
  EXPECT_EQ((*opened)->problem(), "");
}

}  // namespace
}  // namespace berth::store
