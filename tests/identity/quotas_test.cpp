// SPDX-License-Identifier: Apache-2.0
#include "identity/quotas.h"

#include <random>
#include <set>

#include "identity/quota_callers.h"

namespace berth::identity {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class QuotasTest : public QuotaCallers {};

TEST_F(QuotasTest, LetABurstThroughThenTheRateAndNotOneMore) {
  const Quota quota{.requests_per_second = 5, .burst = 20};
  EXPECT_EQ(admitted(quota, 100), 20U);
  now_ += 199'999'999ns;
  EXPECT_EQ(admitted(quota, 100), 0U);
  now_ += 1ns;
  EXPECT_EQ(admitted(quota, 100), 1U);
  now_ += 2s;
  EXPECT_EQ(admitted(quota, 100), 10U);
  now_ += 1h;
  EXPECT_EQ(admitted(quota, 100), 20U);
}

TEST_F(QuotasTest, LoseNothingWhereARateDoesNotDivideASecond) {
  const Quota quota{.requests_per_second = 3};
  std::uint64_t count = admitted(quota, 10);
  EXPECT_EQ(count, 3U);
  for (int millisecond = 0; millisecond < 10'000; ++millisecond) {
    now_ += 1ms;
    count += admitted(quota, 2);
  }
  EXPECT_EQ(count, 33U);
}

TEST_F(QuotasTest, NeverLetMoreThroughInAnyTimeThanBurstAndRateAllow) {
  const Quota quota{.requests_per_second = 7, .burst = 4};
  std::mt19937 random(20'240);
  std::vector<QuotaTime> times;
  for (int i = 0; i < 2000; ++i) {
    now_ += nanoseconds(random() % 200'000'000);
    if (ask(quota)) times.push_back(now_);
  }
  ASSERT_GT(times.size(), 1000U);
  for (std::size_t first = 0; first < times.size(); ++first) {
    for (std::size_t last = first; last < std::min(times.size(), first + 100); ++last) {
      const auto allowed = 4'000'000'000 + 7 * (times[last] - times[first]).count();
      ASSERT_LE(static_cast<std::int64_t>(last - first + 1) * 1'000'000'000, allowed) << first << ".." << last;
    }
  }
}

struct WindowCase {
  std::uint64_t Quota::*requests;
  std::uint64_t Quota::*bytes;
  seconds length;
};

class QuotaWindows : public QuotaCallers, public testing::WithParamInterface<WindowCase> {};

TEST_P(QuotaWindows, BeginWithTheFirstRequestAndEndToTheNanosecond) {
  Quota quota;
  quota.*GetParam().requests = 60;
  EXPECT_EQ(admitted(quota, 10), 10U);
  now_ += GetParam().length / 2;
  EXPECT_EQ(admitted(quota, 100), 50U);
  EXPECT_EQ(ask(quota).error().retry_after, GetParam().length / 2);
  now_ += GetParam().length / 2 - 1ns;
  EXPECT_EQ(admitted(quota, 100), 0U);
  EXPECT_EQ(ask(quota).error().retry_after, 1s);
  now_ += 1ns;
  EXPECT_EQ(admitted(quota, 100), 60U);
  now_ += 3 * GetParam().length / 2;  // the next begins now, not in between
  EXPECT_EQ(admitted(quota, 100), 60U);
  EXPECT_EQ(ask(quota).error().retry_after, GetParam().length);
}

TEST_P(QuotaWindows, CountBytesToTheLastOne) {
  Quota quota;
  quota.*GetParam().bytes = 100;
  EXPECT_TRUE(ask(quota, 60));
  EXPECT_EQ(ask(quota, 41).error().retry_after, GetParam().length);
  EXPECT_TRUE(ask(quota, 40));
  EXPECT_TRUE(ask(quota, 0));
  EXPECT_FALSE(ask(quota, 1));
  now_ += GetParam().length;
  EXPECT_TRUE(ask(quota, 100));
}

INSTANTIATE_TEST_SUITE_P(All, QuotaWindows,
                         testing::Values(WindowCase{&Quota::requests_per_minute, &Quota::bytes_per_minute, 60s},
                                         WindowCase{&Quota::requests_per_hour, &Quota::bytes_per_hour, 3600s},
                                         WindowCase{&Quota::requests_per_day, &Quota::bytes_per_day, 86'400s}));

TEST_F(QuotasTest, SayThatABodyWillNeverFit) {
  const Quota quota{.requests_per_minute = 10, .bytes_per_day = 1024 * 1024};
  const auto refusal = ask(quota, 1024 * 1024 + 1).error();
  EXPECT_EQ(refusal.retry_after, std::nullopt);
  EXPECT_EQ(message_of(refusal),
            "this request's body alone is more than the limit of 1MiB of request bodies a day for your account");
  EXPECT_EQ(refusal.rate_limit, (RateLimit{.limit = 10, .remaining = 10, .reset = 0s}));
}

TEST_F(QuotasTest, TellOfTheLimitThatRefusesForLongest) {
  const Quota user_quota{.requests_per_second = 1, .requests_per_minute = 1}, model_quota{.requests_per_hour = 1};
  ASSERT_TRUE(ask({user("ada", user_quota), model("digits", model_quota)}));
  now_ += 1ms;
  auto refusal = ask({user("ada", user_quota), model("digits", model_quota)}).error();
  EXPECT_EQ(refusal.kind, SubjectKind::model);
  EXPECT_EQ(refusal.limit, (QuotaLimit{QuotaLimit::Of::requests, QuotaLimit::Per::hour, 1}));
  EXPECT_EQ(refusal.retry_after, 3600s);
  EXPECT_EQ(message_of(refusal), "the limit of 1 request an hour for this model is reached; try again in 3600 s");
  refusal = ask(user_quota).error();
  EXPECT_EQ(refusal.kind, SubjectKind::user);
  EXPECT_EQ(refusal.limit.per, QuotaLimit::Per::minute);
  EXPECT_EQ(refusal.retry_after, 60s);
}

TEST_F(QuotasTest, CountForAllOrForNone) {
  const Quota user_quota{.requests_per_second = 3, .requests_per_day = 3, .bytes_per_day = 3, .concurrent = 3};
  const Quota model_quota{.requests_per_day = 1};
  ASSERT_TRUE(ask({model("digits", model_quota)}));
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(ask({user("ada", user_quota), model("digits", model_quota)}, 1));
    EXPECT_FALSE(ask({model("digits", model_quota), user("ada", user_quota)}, 1));
  }
  std::vector<Answer> running;
  for (int i = 0; i < 3; ++i) {
    running.push_back(ask(user_quota, 1));
    EXPECT_TRUE(running.back());
  }
  EXPECT_FALSE(ask(user_quota));
}

TEST_F(QuotasTest, CountTwiceWhoIsThereTwice) {
  const Quota four{.requests_per_day = 4};
  EXPECT_EQ(ask({user("ada", four), user("ada", four)})->rate_limit->remaining, 2U);
  EXPECT_EQ(quotas_.remembered(), 1U);
  EXPECT_EQ(ask({user("ada", four), user("ada", four)})->rate_limit->remaining, 0U);
  EXPECT_FALSE(ask(four));
}

TEST_F(QuotasTest, CountWhoIsNotTheSameApart) {
  const Quota one{.requests_per_day = 1};
  const QuotaSubject subjects[] = {
      {SubjectKind::address, "5", &one},
      {SubjectKind::user, "5", &one},
      {SubjectKind::key, "5", &one},
      {SubjectKind::role, "5", &one},
      {SubjectKind::model, "5", &one},
      {SubjectKind::user, "6", &one},
      {SubjectKind::user_at_model, "5", &one, "digits"},
      {SubjectKind::user_at_model, "5", &one, "echo"},
      {SubjectKind::user_at_model, "digits", &one, "5"},
  };
  std::set<std::string> messages;
  for (const auto& subject : subjects) EXPECT_TRUE(ask({subject}));
  for (const auto& subject : subjects) messages.insert(message_of(ask({subject}).error()));
  EXPECT_EQ(messages.size(), 6U);  // of each kind
}

TEST_F(QuotasTest, SayHowMuchIsLeftOfTheTightestLimit) {
  const Quota quota{.requests_per_second = 2, .burst = 4, .requests_per_minute = 5, .requests_per_day = 6};
  const auto left = [&] { return *ask(quota)->rate_limit; };
  EXPECT_EQ(left(), (RateLimit{.limit = 4, .remaining = 3, .reset = 1s}));
  EXPECT_EQ(left(), (RateLimit{.limit = 4, .remaining = 2, .reset = 1s}));
  EXPECT_EQ(left(), (RateLimit{.limit = 4, .remaining = 1, .reset = 2s}));
  now_ += 10s;
  EXPECT_EQ(left(), (RateLimit{.limit = 5, .remaining = 1, .reset = 50s}));
  EXPECT_EQ(left(), (RateLimit{.limit = 5, .remaining = 0, .reset = 50s}));
  EXPECT_EQ(ask(quota).error().rate_limit, (RateLimit{.limit = 5, .remaining = 0, .reset = 50s}));
  now_ += 50s;
  EXPECT_EQ(left(), (RateLimit{.limit = 6, .remaining = 0, .reset = 86'340s}));
}

TEST_F(QuotasTest, SayThatTheRateIsUsedUpUntilWhenToTryAgain) {
  const Quota quota{.requests_per_second = 1, .burst = 3};
  ASSERT_EQ(admitted(quota, 9), 3U);
  now_ += 100ms;
  const auto refusal = ask(quota).error();
  EXPECT_EQ(refusal.retry_after, 1s);  // 0.9 s
  EXPECT_EQ(refusal.rate_limit, (RateLimit{.limit = 3, .remaining = 0, .reset = 1s}));
}

TEST_F(QuotasTest, TakeTheTightestOfAllSubjects) {
  const Quota loose{.requests_per_minute = 100}, tight{.requests_per_hour = 10};
  EXPECT_EQ(ask({user("ada", loose), model("digits", tight)})->rate_limit->limit, 10U);
  EXPECT_EQ(ask({model("digits", tight), user("ada", loose)})->rate_limit->limit, 10U);
  const Quota as_tight{.requests_per_day = 9};  // 8 left of each after this: the one that takes longer
  EXPECT_EQ(ask({user("eve", as_tight)})->rate_limit->remaining, 8U);
  EXPECT_EQ(ask({user("eve", as_tight), model("digits", tight)})->rate_limit->reset, 86'400s);
}

TEST_F(QuotasTest, SayNothingOfRequestsWhereOnlyOthersAreLimited) {
  const Quota quota{.bytes_per_day = 10, .concurrent = 1};
  const auto first = ask(quota, 10);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->rate_limit, std::nullopt);
  EXPECT_EQ(ask(quota).error().rate_limit, std::nullopt);
}

TEST_F(QuotasTest, RememberNothingOfWhomNothingIsAsked) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(ask(Quota{}, 1'000'000'000));
  EXPECT_TRUE(ask(std::vector<QuotaSubject>{}));
  EXPECT_EQ(quotas_.remembered(), 0U);
}

TEST_F(QuotasTest, StandStillWithAClockThatGoesBack) {
  const Quota quota{.requests_per_second = 5, .requests_per_minute = 7};
  EXPECT_EQ(admitted(quota, 100), 5U);
  const auto then = now_;
  for (const auto back : {1ns, nanoseconds(1s), nanoseconds(24h * 365)}) {
    now_ = then - back;
    EXPECT_EQ(admitted(quota, 100), 0U);
    EXPECT_EQ(ask(quota).error().retry_after, 1s);
  }
  now_ = then + 200ms;
  EXPECT_EQ(admitted(quota, 100), 1U);
  now_ = then + 60s;
  EXPECT_EQ(admitted(quota, 100), 5U);
}

TEST_F(QuotasTest, GiveNothingToWhoAsksAtATimeThatIsOver) {
  const Quota rate{.requests_per_second = 1, .burst = 2}, day{.requests_per_day = 1};
  const auto then = now_;
  ASSERT_EQ(admitted(rate, 1), 1U);
  now_ = then - 1s;
  EXPECT_EQ(admitted(rate, 9), 1U);
  EXPECT_TRUE(ask({user("eve", day)}));
  EXPECT_EQ(ask({user("eve", day)}).error().retry_after, 86'400s);
  now_ = then;
  EXPECT_EQ(admitted(rate, 9), 0U);
  now_ = then + 24h - 1ns;
  EXPECT_FALSE(ask({user("eve", day)}));
}

TEST_F(QuotasTest, FollowAQuotaThatChanges) {
  EXPECT_EQ(admitted({.requests_per_second = 1, .requests_per_day = 5}, 9), 1U);
  EXPECT_EQ(admitted({.requests_per_second = 4, .requests_per_day = 5}, 9), 3U);
  EXPECT_EQ(admitted({.requests_per_second = 1, .requests_per_day = 5}, 9), 0U);
  now_ += 4s;
  EXPECT_EQ(admitted({.requests_per_second = 1, .requests_per_day = 5}, 9), 1U);
  now_ += 4s;
  EXPECT_EQ(admitted({.requests_per_day = 4}, 9), 0U);
  EXPECT_EQ(admitted({}, 9), 9U);
}

}  // namespace
}  // namespace berth::identity
