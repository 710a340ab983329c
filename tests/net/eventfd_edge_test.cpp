// SPDX-License-Identifier: Apache-2.0
// What net/handover_transport.h relies on: watched edge-triggered for reading and writing, an eventfd reports every
// write, even one that was drained before anybody looked.
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cstdint>

#include "base/unique_fd.h"

namespace berth {
namespace {

class EventfdEdge : public ::testing::Test {
 protected:
  void watch(std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    ASSERT_EQ(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, event_.get(), &event), 0);
  }
  void push() const { ASSERT_EQ(::eventfd_write(event_.get(), 1), 0); }
  bool drain() const {
    eventfd_t value = 0;
    return ::eventfd_read(event_.get(), &value) == 0;
  }
  bool reports() const {
    epoll_event event{};
    return ::epoll_wait(epoll_.get(), &event, 1, 0) == 1;
  }

  UniqueFd epoll_{::epoll_create1(EPOLL_CLOEXEC)};
  UniqueFd event_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

TEST_F(EventfdEdge, LevelTriggeredLosesAPushThatWasDrainedTooSoon) {
  watch(EPOLLIN);
  push();
  ASSERT_TRUE(drain());
  EXPECT_FALSE(reports());
}

TEST_F(EventfdEdge, ReportsAPushThatWasDrainedTooSoon) {
  watch(EPOLLIN | EPOLLOUT | EPOLLET);
  while (reports()) {
  }
  push();
  ASSERT_TRUE(drain());
  EXPECT_TRUE(reports());
}

TEST_F(EventfdEdge, FallsSilentWhenAnEmptyLookDrainsNothing) {
  watch(EPOLLIN | EPOLLOUT | EPOLLET);
  push();
  int turns = 0;
  while (reports() && turns < 10) {
    drain();
    ++turns;
  }
  EXPECT_LE(turns, 3);
}

}  // namespace
}  // namespace berth
