// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <latch>
#include <string>
#include <thread>

#include "identity/quota_callers.h"

namespace berth::identity {
namespace {

using namespace std::chrono_literals;

constexpr int kThreads = 8;

template <typename Work>
void on_all_threads(Work work) {
  std::latch start(kThreads);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&start, &work, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

class QuotaThreads : public QuotaCallers {};

TEST_F(QuotaThreads, TogetherAreLetThroughAsOftenAsOneWouldBe) {
  const Quota own{.requests_per_minute = 1'000}, shared{.requests_per_second = 100, .burst = 500};
  std::atomic<int> admitted{0};
  on_all_threads([&](int thread) {
    const auto name = std::to_string(thread);
    const QuotaSubject subjects[] = {user(name, own), model("digits", shared)};
    for (int i = 0; i < 1'000; ++i) {
      if (quotas_.admit(subjects, 0, now_)) ++admitted;
    }
  });
  EXPECT_EQ(admitted, 500);
}

TEST_F(QuotaThreads, ThatReadTheClockAndAreThenOvertakenGainNothing) {
  const Quota quota{.requests_per_second = 1'000, .burst = 1};
  std::atomic<std::int64_t> clock{0};
  std::atomic<int> admitted{0};
  on_all_threads([&](int) {
    const auto subject = user("ada", quota);
    for (int i = 0; i < 5'000; ++i) {
      const auto now = now_ + std::chrono::microseconds(clock.fetch_add(25));
      if (quotas_.admit({&subject, 1}, 0, now)) ++admitted;
    }
  });
  EXPECT_LE(admitted, 1'001);  // in one second
  EXPECT_GE(admitted, 1);
}

TEST_F(QuotaThreads, NeverRunMoreAtOnceThanAreAllowed) {
  const Quota three{.concurrent = 3};
  std::atomic<int> running{0}, most{0}, admitted{0};
  on_all_threads([&](int) {
    const auto subject = model("digits", three);
    for (int i = 0; i < 2'000; ++i) {
      const auto answer = quotas_.admit({&subject, 1}, 0, now_);
      if (!answer) continue;
      const auto now_running = ++running;
      for (auto seen = most.load(); now_running > seen && !most.compare_exchange_weak(seen, now_running);) {
      }
      ++admitted;
      --running;
    }
  });
  EXPECT_LE(most, 3);
  EXPECT_GE(admitted, 3);
  const std::vector<Answer> last = [&] {
    std::vector<Answer> answers;
    for (int i = 0; i < 4; ++i) answers.push_back(ask({model("digits", three)}));
    return answers;
  }();
  EXPECT_TRUE(last[0] && last[1] && last[2]);
  EXPECT_FALSE(last[3]);
}

TEST_F(QuotaThreads, MayEndWhatOthersBegan) {
  const Quota one{.concurrent = 1};
  auto answer = ask({model("digits", one)});
  ASSERT_TRUE(answer);
  std::jthread([ticket = std::move(answer->ticket)]() mutable { const auto ended = std::move(ticket); }).join();
  EXPECT_TRUE(ask({model("digits", one)}));
}

}  // namespace
}  // namespace berth::identity
