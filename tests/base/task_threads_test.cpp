// SPDX-License-Identifier: Apache-2.0
#include "base/task_threads.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <thread>
#include <vector>

namespace berth {
namespace {

TEST(TaskThreads, RunTasksInTheirOrderAndBeforeTheyEnd) {
  std::vector<int> done;
  {
    TaskThreads threads({.name = "test"});
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(threads.post([&done, i] { done.push_back(i); }));
  }
  ASSERT_EQ(done.size(), 100U);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

TEST(TaskThreads, RefuseWhatTheyHaveNoRoomFor) {
  std::promise<void> started, may_end;
  TaskThreads threads({.name = "test", .max_waiting = 1});
  EXPECT_TRUE(threads.post([&] {
    started.set_value();
    may_end.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(threads.post([] {}));
  EXPECT_FALSE(threads.post([] {}));
  may_end.set_value();
}

TEST(TaskThreads, RefuseWhatHoldsTooMuch) {
  std::promise<void> started, may_end, over;
  TaskThreads threads({.name = "test", .max_bytes = 10});
  EXPECT_TRUE(threads.post(
      [&] {
        started.set_value();
        may_end.get_future().wait();
      },
      6));
  started.get_future().wait();
  EXPECT_FALSE(threads.post([] {}, 5)) << "what runs holds its own still";
  EXPECT_TRUE(threads.post([] {}, 4));
  EXPECT_TRUE(threads.post([&] { over.set_value(); }));
  may_end.set_value();
  over.get_future().wait();
  EXPECT_TRUE(threads.post([] {}, 11)) << "alone, it may be larger";
}

TEST(TaskThreads, SettleWaitsForWhatIsThere) {
  std::promise<void> may_go;
  int done = 0;
  TaskThreads threads({.name = "test", .max_waiting = 2});
  EXPECT_TRUE(threads.post([&] { may_go.get_future().wait(); }));
  EXPECT_TRUE(threads.post([&] { ++done; }));
  std::jthread later([&] { may_go.set_value(); });
  threads.settle();
  EXPECT_EQ(done, 1);
}

TEST(TaskThreads, TakeNothingOnceTheyAreClosed) {
  TaskThreads threads({.name = "test", .threads = 2});
  threads.close();
  EXPECT_FALSE(threads.post([] { FAIL(); }));
  threads.close();
}

}  // namespace
}  // namespace berth
