// SPDX-License-Identifier: Apache-2.0
// That a write is told to be done once it is on disk, not before: the disk is held up, and fails.
#include <gtest/gtest.h>
#include <pthread.h>
#include <soci/soci.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "store/birds.h"
#include "store/database.h"
#include "support/temp_folder.h"

namespace berth::store {
namespace {

enum class Disk { works, holds, fails };
std::atomic<Disk> disk = Disk::works;
std::atomic<int> syncs = 0;  // that were begun

bool is_thread_of_syncs() {
  std::array<char, 16> name{};
  ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  return std::string(name.data()) == "store-sync";
}

}  // namespace

// In place of the C library's, in this program.
extern "C" int fdatasync(int file) {
  if (is_thread_of_syncs()) {
    ++syncs;
    disk.wait(Disk::holds);
    if (disk == Disk::fails) {
      errno = EIO;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace {

class SyncTest : public testing::Test {
 protected:
  // A write, and what became of it so far.
  struct Write {
    std::promise<void> committed;
    std::promise<Result<>> told;
    std::atomic<bool> is_told = false;
  };

  void SetUp() override {
    auto opened = Database::open({.url = "sqlite:" + (folder_ / "berth.db").string(), .retry = std::chrono::hours(1)});
    ASSERT_TRUE(opened);
    database_ = std::move(*opened);
    ASSERT_TRUE(database_->write([](soci::session& sql) -> Result<> {
      sql << "CREATE TABLE birds (name TEXT)";
      return {};
    }));
    syncs = 0;
  }
  void TearDown() override { set(Disk::works); }

  static void set(Disk state) {
    disk = state;
    disk.notify_all();
  }
  // Returns once it is committed.
  std::unique_ptr<Write> commit_bird() {
    auto write = std::make_unique<Write>();
    database_->write(
        [](soci::session& sql) -> Result<> {
          sql << "INSERT INTO birds (name) VALUES ('wren')";
          return {};
        },
        [write = write.get()](Result<> result) {
          write->is_told = true;
          write->told.set_value(std::move(result));
        },
        Sync::now, [write = write.get()] { write->committed.set_value(); });
    write->committed.get_future().wait();
    return write;
  }

  test::TempFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(SyncTest, IsOverBeforeAnybodyIsTold) {
  set(Disk::holds);
  const auto first = commit_bird();
  while (syncs == 0 && !first->is_told) std::this_thread::yield();
  const auto second = commit_bird();  // the other thread goes on meanwhile
  EXPECT_EQ(count_birds(*database_), 2);
  EXPECT_FALSE(first->is_told);
  EXPECT_FALSE(second->is_told);
  EXPECT_EQ(syncs, 1);
  set(Disk::works);
  EXPECT_TRUE(first->told.get_future().get());
  EXPECT_TRUE(second->told.get_future().get());
  EXPECT_EQ(syncs, 2) << "the one that had begun does not count for what came later";
}

TEST_F(SyncTest, ThatFailsIsTold) {
  set(Disk::fails);
  const auto write = commit_bird();
  const auto told = write->told.get_future().get();
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, Code::unavailable);
  EXPECT_NE(database_->problem(), "");
  set(Disk::works);
  EXPECT_TRUE(commit_bird()->told.get_future().get());
  EXPECT_EQ(database_->problem(), "");
}

}  // namespace
}  // namespace berth::store
