// SPDX-License-Identifier: Apache-2.0
#include "hosting/statistics.h"

#include <gmock/gmock.h>

#include <thread>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

using testing::SizeIs;

constexpr std::size_t class_of(std::chrono::nanoseconds duration) {
  std::size_t i = 0;
  while (i < Statistics::kBoundsNs.size() && static_cast<std::uint64_t>(duration.count()) > Statistics::kBoundsNs[i])
    ++i;
  return i;
}

TEST(Statistics, AddsUpWhatSucceeded) {
  Statistics statistics(4);
  const auto before = std::chrono::system_clock::now();
  statistics.count_success({1, 2, 3, 4}, 10ms);
  statistics.count_success({10, 20, 30, 40}, 10ms + 1ns);
  const auto report = statistics.report();
  EXPECT_EQ(report.succeeded, 2U);
  EXPECT_EQ(report.success_ns, 20'000'001U);
  EXPECT_EQ(report.total.queue_ns, 11U);
  EXPECT_EQ(report.total.input_ns, 22U);
  EXPECT_EQ(report.total.compute_ns, 33U);
  EXPECT_EQ(report.total.output_ns, 44U);
  EXPECT_EQ(report.failed, 0U);
  EXPECT_GE(report.last_success, before);
  EXPECT_EQ(report.classes[class_of(10ms)], 1U);
  EXPECT_EQ(report.classes[class_of(11ms)], 1U);
}

TEST(Statistics, PutsWhatTookLongestIntoTheLastClass) {
  Statistics statistics(1);
  statistics.count_success({}, 1h);
  statistics.count_success({}, 0ns);
  EXPECT_EQ(statistics.report().classes.back(), 1U);
  EXPECT_EQ(statistics.report().classes.front(), 1U);
}

TEST(Statistics, TellsFailuresByTheirCode) {
  Statistics statistics(1);
  statistics.count_failure(Code::busy, 5ns);
  statistics.count_failure(Code::busy, 6ns);
  statistics.count_failure(Code::internal, 7ns);
  const auto report = statistics.report();
  EXPECT_EQ(report.failed, 3U);
  EXPECT_EQ(report.failure_ns, 18U);
  EXPECT_EQ(report.failures[static_cast<std::size_t>(Code::busy)], 2U);
  EXPECT_EQ(report.failures[static_cast<std::size_t>(Code::internal)], 1U);
  EXPECT_EQ(report.succeeded, 0U);
  EXPECT_EQ(report.last_success, std::chrono::system_clock::time_point{});
}

TEST(Statistics, ForgetsAllOfIt) {
  Statistics statistics(2);
  statistics.count_success({1, 2, 3, 4}, 5ns);
  statistics.count_failure(Code::busy, 5ns);
  statistics.count_execution(2, 6, 7);
  statistics.add_output(2, 8);
  statistics.forget();
  const auto report = statistics.report();
  EXPECT_EQ(report.succeeded + report.success_ns + report.failed + report.failure_ns, 0U);
  EXPECT_EQ(report.total.queue_ns + report.total.input_ns + report.total.compute_ns + report.total.output_ns, 0U);
  EXPECT_EQ(report.last_success, std::chrono::system_clock::time_point{});
  EXPECT_THAT(report.executions, SizeIs(0));
  statistics.count_execution(2, 1, 1);
  EXPECT_EQ(statistics.report().executions.front().total.compute_ns, 1U);
  EXPECT_EQ(statistics.report().executions.front().total.output_ns, 0U);
}

TEST(Statistics, LosesNothingToOtherThreads) {
  Statistics statistics(2);
  constexpr int kThreads = 4, kCalls = 10'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kCalls; ++n) {
        statistics.count_success({1, 1, 1, 1}, 1ns);
        statistics.count_execution(2, 1, 1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto report = statistics.report();
  EXPECT_EQ(report.succeeded, 1U * kThreads * kCalls);
  EXPECT_EQ(report.total.compute_ns, 1U * kThreads * kCalls);
  ASSERT_THAT(report.executions, SizeIs(1));
  EXPECT_EQ(report.executions.front().count, 1U * kThreads * kCalls);
}

TEST(Statistics, OfAModelCountItsExecutionsBySize) {
  House house;
  house.serving.max_batch = 4;
  house.serving.max_batch_delay = 60s;  // nothing leaves before four are there
  house.load({"batcher"});
  const auto batcher = house.model("batcher");
  std::vector<std::future<Outcome>> calls;
  for (int i = 0; i < 8; ++i) calls.push_back(submit(batcher, R"({"tell":false,"value":1})"));
  std::uint64_t compute_ns = 0;
  for (auto& call : calls) compute_ns += wait(std::move(call)).timings.compute_ns;
  const auto report = batcher->statistics().report();
  ASSERT_THAT(report.executions, SizeIs(1));
  EXPECT_EQ(report.executions.front().size, 4U);
  EXPECT_EQ(report.executions.front().count, 2U);
  EXPECT_EQ(report.executions.front().total.compute_ns, compute_ns / 4) << "each of four waited for all of it";
  EXPECT_GT(report.executions.front().total.input_ns, 0U);
  EXPECT_GT(report.executions.front().total.output_ns, 0U);
  EXPECT_EQ(report.executions.front().total.queue_ns, 0U);
  EXPECT_EQ(report.succeeded, 0U) << "calls are counted by who asks";
}

}  // namespace
}  // namespace berth::hosting
