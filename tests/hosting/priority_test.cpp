// SPDX-License-Identifier: Apache-2.0
#include "hosting/priority.h"

#include <gtest/gtest.h>
#include <sched.h>
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

TEST(Priority, IsThatOfAProcessAndOfAllThatItStarted) {
  if (!can_take_processor()) GTEST_SKIP() << "needs CAP_SYS_NICE, or RLIMIT_NICE of 20";
  auto child = Child::spawn({.program = "/bin/sh", .args = {"-c", "sleep 600 & wait"}, .out = 1, .err = 2});
  ASSERT_TRUE(child);
  ASSERT_TRUE(eventually([&] { return first_child_of(child->pid()) != 0; }));
  const int grandchild = first_child_of(child->pid());
  yield_processor(child->pid());
  EXPECT_EQ(::sched_getscheduler(child->pid()), SCHED_IDLE);
  EXPECT_EQ(::sched_getscheduler(grandchild), SCHED_IDLE);
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER) << "this one's own";
  take_processor(child->pid());
  EXPECT_EQ(::sched_getscheduler(child->pid()), SCHED_OTHER);
  EXPECT_EQ(::sched_getscheduler(grandchild), SCHED_OTHER);
}

TEST(Priority, OfAProcessThatIsGoneIsNobodys) {
  auto child = Child::spawn({.program = "/bin/true", .args = {}, .out = 1, .err = 2});
  ASSERT_TRUE(child);
  const int pid = child->pid();
  child->reap(true);
  yield_processor(pid);
  take_processor(pid);
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
}

}  // namespace
}  // namespace berth::hosting
