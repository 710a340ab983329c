// SPDX-License-Identifier: Apache-2.0
#include "base/loop.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace berth {
namespace {

using namespace std::chrono_literals;

class LoopTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = Loop::create();
    ASSERT_TRUE(made);
    loop_ = std::move(*made);
  }
  std::unique_ptr<Loop> loop_;
};

UniqueFd readable_event() { return UniqueFd(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)); }

TEST_F(LoopTest, RunsPostedTasksInOrderOnItsOwnThread) {
  std::vector<int> order;
  std::thread::id where;
  std::jthread thread([&] { loop_->run(); });
  const auto id = thread.get_id();
  for (int i = 0; i < 100; ++i) {
    loop_->post([&order, &where, i] {
      order.push_back(i);
      where = std::this_thread::get_id();
    });
  }
  loop_->stop();
  thread.join();
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(where, id);
}

TEST_F(LoopTest, NoTaskIsLostWhenManyThreadsPost) {
  std::atomic<int> ran = 0;
  std::jthread runner([&] { loop_->run(); });
  {
    std::vector<std::jthread> posters;
    for (int t = 0; t < 4; ++t) {
      posters.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) loop_->post([&] { ++ran; });
      });
    }
  }
  loop_->stop();
  runner.join();
  EXPECT_EQ(ran, 8000);
}

TEST_F(LoopTest, CanBeWatchedByAnotherReactor) {
  bool ran = false;
  pollfd outer{loop_->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&outer, 1, 0), 0);
  loop_->post([&] { ran = true; });
  EXPECT_EQ(::poll(&outer, 1, 1000), 1);
  loop_->run_ready();
  EXPECT_TRUE(ran);
  EXPECT_EQ(::poll(&outer, 1, 0), 0);
}

TEST_F(LoopTest, ATaskThatPostsDoesNotKeepTheOthersFromTheirTurn) {
  int rounds = 0;
  std::function<void()> again = [&] {
    ++rounds;
    loop_->post(again);
  };
  loop_->post(again);
  loop_->run_ready();
  EXPECT_EQ(rounds, 1);
  loop_->run_ready();
  EXPECT_EQ(rounds, 2);
}

TEST_F(LoopTest, AWatchMayRemoveItselfAndOthersWhileItIsCalled) {
  const auto first = readable_event();
  const auto second = readable_event();
  std::vector<Loop::Watch> watches(2);
  int calls = 0;
  const auto drop_all = [&](std::uint32_t) {
    ++calls;
    watches.clear();
  };
  watches[0] = loop_->watch(first.get(), EPOLLIN, drop_all);
  watches[1] = loop_->watch(second.get(), EPOLLIN, drop_all);
  loop_->run_ready();
  loop_->run_ready();
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, AWatchHearsOnlyWhatItAskedFor) {
  const auto event = readable_event();
  std::uint32_t heard = 0;
  auto watch = loop_->watch(event.get(), EPOLLOUT, [&](std::uint32_t events) { heard |= events; });
  loop_->run_ready();
  EXPECT_EQ(heard, std::uint32_t{EPOLLOUT});
  heard = 0;
  watch.set_events(EPOLLIN);
  loop_->run_ready();
  EXPECT_EQ(heard, std::uint32_t{EPOLLIN});
}

TEST_F(LoopTest, TimersRunInTheOrderOfTheirDeadlinesAndNeverEarly) {
  std::vector<int> order;
  const auto started = Loop::Clock::now();
  auto late = loop_->call_after(20ms, [&] {
    order.push_back(2);
    loop_->stop();
  });
  auto early = loop_->call_after(5ms, [&] { order.push_back(1); });
  loop_->run();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_GE(Loop::Clock::now() - started, 20ms);
}

TEST_F(LoopTest, ACancelledTimerDoesNotRunAndTheNextOneStillDoes) {
  bool cancelled_ran = false;
  auto cancelled = loop_->call_after(1ms, [&] { cancelled_ran = true; });
  cancelled.reset();
  auto stop = loop_->call_after(5ms, [&] { loop_->stop(); });
  loop_->run();
  EXPECT_FALSE(cancelled_ran);
}

TEST_F(LoopTest, ATimerMayReplaceItselfWhileItRuns) {
  int runs = 0;
  Loop::Timer timer;
  std::function<void()> tick = [&] {
    if (++runs == 3) return loop_->stop();
    timer = loop_->call_after(1ms, tick);
  };
  timer = loop_->call_after(1ms, tick);
  loop_->run();
  EXPECT_EQ(runs, 3);
}

}  // namespace
}  // namespace berth
