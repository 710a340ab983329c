// SPDX-License-Identifier: Apache-2.0
// What becomes of a database that can be read and not be written: a full disk, a log that cannot be synced.
#include <gtest/gtest.h>
#include <soci/soci.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

#include "store/birds.h"
#include "store/database.h"
#include "support/temp_folder.h"

namespace berth::store {
namespace {

Result<> make_table(soci::session& sql) {
  sql << "CREATE TABLE birds (name TEXT)";
  return {};
}
Result<> add_bird(soci::session& sql) {
  sql << "INSERT INTO birds (name) VALUES ('wren')";
  return {};
}

// No file of this process grows: like a full disk.
class FullDisk {
 public:
  FullDisk() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{.rlim_cur = 1, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  decltype(SIG_DFL) handler_ = ::signal(SIGXFSZ, SIG_IGN);
  rlimit before_{};
};

class UnwritableDatabase : public testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        Database::open({.url = "sqlite:" + file_.string(), .readers = 1, .retry = std::chrono::milliseconds(5)});
    ASSERT_TRUE(opened);
    database_ = std::move(*opened);
    ASSERT_TRUE(database_->write(make_table));
    ASSERT_EQ(count_birds(*database_), 0);  // the one that reads has a connection, too
  }
  void expect_unwritable() {
    const auto written = database_->write(add_bird);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::unavailable);
    EXPECT_NE(database_->problem(), "");
    EXPECT_TRUE(database_->is_connected());
    EXPECT_GE(count_birds(*database_), 0);
    EXPECT_NE(database_->problem(), "") << "that it can be read changes nothing";
  }
  // While the log cannot be synced, for it is not where it was.
  void expect_unwritable_without_log() {
    const auto log = folder_ / "berth.db-wal", elsewhere = folder_ / "elsewhere";
    std::filesystem::rename(log, elsewhere);
    expect_unwritable();
    std::filesystem::rename(elsewhere, log);
  }
  void wait_until_well() {
    while (!database_->problem().empty()) std::this_thread::yield();
  }

  test::TempFolder folder_;
  std::filesystem::path file_ = folder_ / "berth.db";
  std::unique_ptr<Database> database_;
};

TEST_F(UnwritableDatabase, OfAFullDiskIsToldAndHealsThoughNobodyWrites) {
  {
    const FullDisk full;
    expect_unwritable();
  }
  wait_until_well();
  EXPECT_TRUE(database_->write(add_bird));
}

TEST_F(UnwritableDatabase, OfALogThatCannotBeSyncedIsToldAndHealsThoughNobodyWrites) {
  expect_unwritable_without_log();
  wait_until_well();
  EXPECT_TRUE(database_->write(add_bird));
}

TEST_F(UnwritableDatabase, HealsWhereAllThatIsWrittenMayBeSyncedLater) {
  expect_unwritable_without_log();
  while (!database_->problem().empty()) {
    std::promise<void> told;  // one after another, so that the database is never idle
    database_->write(
        add_bird, [&told](const Result<>&) { told.set_value(); }, Sync::later);
    told.get_future().wait();
  }
}

}  // namespace
}  // namespace berth::store
