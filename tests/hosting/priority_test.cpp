// SPDX-License-Identifier: Apache-2.0
#include "hosting/priority.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "hosting/house.h"
#include "hosting/spawn.h"

namespace berth::hosting {
namespace {

int first_child_of(int pid) {
  const auto id = std::to_string(pid);
  std::ifstream stream("/proc/" + id + "/task/" + id + "/children");
  int child = 0;
  stream >> child;
  return child;
}

int niceness_of(int pid) { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(pid)); }

class Priority : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_take_processor()) GTEST_SKIP() << "needs CAP_SYS_NICE, or RLIMIT_NICE of 20";
  }
};

TEST_F(Priority, IsThatOfAProcessAndOfAllThatItStarted) {
  auto child = Child::spawn({.program = "/bin/sh", .args = {"-c", "sleep 600 & wait"}, .out = 1, .err = 2});
  ASSERT_TRUE(child);
  ASSERT_TRUE(eventually([&] { return first_child_of(child->pid()) != 0; }));
  const int grandchild = first_child_of(child->pid()), usual = niceness_of(0);
  for (const auto yield : {Yield::some, Yield::all}) {
    yield_processor(child->pid(), yield);
    for (const int pid : {child->pid(), grandchild}) {
      EXPECT_EQ(::sched_getscheduler(pid), yield == Yield::all ? SCHED_IDLE : SCHED_OTHER);
      EXPECT_EQ(niceness_of(pid), 19);
    }
    EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER) << "this one's own";
    take_processor(child->pid());
    for (const int pid : {child->pid(), grandchild}) {
      EXPECT_EQ(::sched_getscheduler(pid), SCHED_OTHER);
      EXPECT_EQ(niceness_of(pid), usual);
    }
  }
}

TEST_F(Priority, OfAThreadThatDefersIsItsOwnAgainAfterwards) {
  bool deferred = false;
  // Whether it does hangs on what else runs here.
  ASSERT_TRUE(eventually([&] {
    const Deferring deferring(::gettid());
    deferred = ::sched_getscheduler(0) == SCHED_IDLE;
    return deferred || bearable_yield() == Yield::some;
  }));
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
}

TEST_F(Priority, OfAProcessThatIsGoneIsNobodys) {
  auto child = Child::spawn({.program = "/bin/true", .args = {}, .out = 1, .err = 2});
  ASSERT_TRUE(child);
  const int pid = child->pid(), usual = niceness_of(0);
  child->reap(true);
  yield_processor(pid, Yield::all);
  take_processor(pid);
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
  EXPECT_EQ(niceness_of(0), usual);
}

}  // namespace
}  // namespace berth::hosting
