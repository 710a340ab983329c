// SPDX-License-Identifier: Apache-2.0
// What runs at once, and what is remembered.
#include <string>
#include <utility>

#include "identity/quota_callers.h"

namespace berth::identity {
namespace {

using namespace std::chrono_literals;

class QuotaTickets : public QuotaCallers {
 protected:
  const Quota two_{.concurrent = 2};
};

TEST_F(QuotaTickets, GiveTheirPlacesBackWhenTheyAreDestroyed) {
  auto first = ask(two_), second = ask(two_);
  ASSERT_TRUE(first && second);
  const auto refusal = ask(two_).error();
  EXPECT_EQ(refusal.limit, (QuotaLimit{QuotaLimit::Of::concurrent, QuotaLimit::Per::none, 2}));
  EXPECT_EQ(refusal.retry_after, 1s);
  EXPECT_EQ(message_of(refusal), "the limit of 2 requests at once for your account is reached; try again in 1 s");
  first->ticket = {};
  EXPECT_TRUE(ask(two_));  // and given back at once
  const auto third = ask(two_);
  EXPECT_TRUE(third);
  EXPECT_FALSE(ask(two_));
}

TEST_F(QuotaTickets, CountOnceHoweverOftenTheyAreMoved) {
  auto first = ask(two_), second = ask(two_);
  QuotaTicket moved(std::move(first->ticket));
  QuotaTicket assigned;
  assigned = std::move(moved);
  auto& self = assigned;
  assigned = std::move(self);
  first = tl::unexpected(Refusal{});
  EXPECT_FALSE(ask(two_));
  assigned = std::move(second->ticket);  // the first ends
  const auto third = ask(two_);
  EXPECT_TRUE(third);
  EXPECT_FALSE(ask(two_));
}

TEST_F(QuotaTickets, HoldAPlaceOfEverySubject) {
  const Quota one{.concurrent = 1}, none;
  auto ticket = ask({user("ada", one), model("digits", two_), address("192.0.2.1", none)});
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(ask({user("ada", one)}));
  const auto other = ask({user("eve", one), model("digits", two_)});
  EXPECT_EQ(ask({user("bob", one), model("digits", two_)}).error().kind, SubjectKind::model);
  EXPECT_TRUE(ask({user("bob", one)}));
  ticket = tl::unexpected(Refusal{});
  EXPECT_TRUE(ask({user("ada", one), model("digits", two_)}));
}

TEST_F(QuotaTickets, MayOutliveWhoGaveThem) {
  auto quotas = std::make_unique<Quotas>(Quotas::Options{});
  const QuotaSubject subject = user("ada", two_);
  auto ticket = quotas->admit({&subject, 1}, 0, now_);
  quotas.reset();
  ASSERT_TRUE(ticket);
  ticket->ticket = {};
}

TEST_F(QuotaTickets, CountFromWhenTheLimitIsThere) {
  const auto before = ask(Quota{});
  const auto first = ask(two_), second = ask(two_);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(ask(Quota{.concurrent = 1}));
  EXPECT_TRUE(ask(Quota{.concurrent = 3}));
}

class QuotaMemory : public QuotaCallers {
 protected:
  static constexpr std::size_t kMax = 100;
  static std::string name(int number) {
    return std::string("10.0.").append(std::to_string(number / 256)).append(".").append(std::to_string(number % 256));
  }

  Answer ask_small(const QuotaSubject& subject) { return small_.admit({&subject, 1}, 0, now_); }

  Quotas small_{{.max_addresses = kMax, .max_subjects = kMax}};
  const Quota two_a_day_{.requests_per_day = 2};
};

TEST_F(QuotaMemory, HoldsSoManyAddressesAndForgetsThoseHeardOfLeastRecently) {
  const auto silent = address("192.0.2.1", two_a_day_), insistent = address("192.0.2.2", two_a_day_);
  ASSERT_TRUE(ask_small(silent) && ask_small(silent) && ask_small(insistent) && ask_small(insistent));
  for (int i = 0; i < 10'000; ++i) {
    const auto flooding = name(i);
    EXPECT_TRUE(ask_small(address(flooding, two_a_day_)));
    EXPECT_LE(small_.remembered(), kMax);
    ASSERT_TRUE(i % 50 != 0 || !ask_small(insistent));
  }
  EXPECT_EQ(small_.remembered(), kMax);
  EXPECT_TRUE(ask_small(silent));
}

TEST_F(QuotaMemory, KeepsAnAddressThatGoesOnAsking) {
  const Quota many{.requests_per_day = 1'000};
  std::uint64_t admitted = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto flooding = name(i);
    EXPECT_TRUE(ask_small(address(flooding, many)));
    if (i % 50 == 0) admitted += ask_small(address("192.0.2.1", many)) ? 1U : 0U;
  }
  EXPECT_EQ(admitted, 200U);
  EXPECT_EQ(ask_small(address("192.0.2.1", many))->rate_limit->remaining, 799U);
}

TEST_F(QuotaMemory, KeepsUsersWhateverAddressesThereAre) {
  const auto ada = user("ada", two_a_day_);
  ASSERT_TRUE(ask_small(ada) && ask_small(ada));
  for (int i = 0; i < 10'000; ++i) {
    const auto flooding = name(i);
    ASSERT_TRUE(ask_small(address(flooding, two_a_day_)));
  }
  EXPECT_FALSE(ask_small(ada));
  EXPECT_EQ(small_.remembered(), kMax + 1);
}

TEST_F(QuotaMemory, KeepsThoseOfWhomSomethingRuns) {
  const Quota one{.concurrent = 1};
  std::vector<Answer> running;
  for (int i = 0; i < 150; ++i) {
    const auto busy = name(i);
    running.push_back(ask_small(address(busy, one)));
    ASSERT_TRUE(running.back());
  }
  EXPECT_EQ(small_.remembered(), 150U);  // more, since forgetting one would lose its count
  for (int i = 150; i < 1'000; ++i) {
    const auto flooding = name(i);
    ASSERT_TRUE(ask_small(address(flooding, two_a_day_)));
  }
  for (int i = 0; i < 150; ++i) {
    const auto busy = name(i);
    EXPECT_FALSE(ask_small(address(busy, one)));
  }
  running.clear();
  for (int i = 0; i < 150; ++i) {
    const auto idle = name(i);
    EXPECT_TRUE(ask_small(address(idle, one)));
  }
  EXPECT_LE(small_.remembered(), 150U);
}

TEST_F(QuotaMemory, ForgetsThoseThatHaveAllOfTheirQuotaAgain) {
  const Quota rate{.requests_per_second = 10}, day{.requests_per_day = 10};
  for (int i = 0; i < 500; ++i) {
    const auto caller = name(i);
    ASSERT_TRUE(ask({user(caller, rate), address(caller, rate)}));
  }
  EXPECT_EQ(quotas_.remembered(), 1000U);
  ASSERT_TRUE(ask({user("ada", day)}));
  now_ += 1s;
  for (int i = 0; i < 600; ++i) ask({user("ada", day)});
  EXPECT_EQ(quotas_.remembered(), 1U);
  EXPECT_FALSE(ask({user("ada", day)}));
  now_ += 24h;
  EXPECT_TRUE(ask({user("eve", Quota{.concurrent = 1})}));
  EXPECT_EQ(quotas_.remembered(), 1U);
}

TEST_F(QuotaMemory, IsNotTakenByThoseWhoAreRefused) {
  const Quota one{.requests_per_day = 1};
  ASSERT_TRUE(ask({model("digits", one)}));
  for (int i = 0; i < 100; ++i) {
    const auto caller = name(i);
    ASSERT_FALSE(ask({user(caller, one), model("digits", one)}));
  }
  EXPECT_EQ(quotas_.remembered(), 1U);
}

TEST_F(QuotaMemory, OfFewerThanOneRequestNeedsStillWorks) {
  Quotas tiny{{.max_addresses = 1, .max_subjects = 1}};
  const Quota quota{.requests_per_day = 2, .concurrent = 5};
  for (int i = 0; i < 100; ++i) {
    const auto caller = name(i % 7);
    const QuotaSubject subjects[] = {user(caller, quota), user("x", two_a_day_), model(caller, two_a_day_)};
    const auto answer = tiny.admit(subjects, 0, now_);
    EXPECT_LE(tiny.remembered(), 3U);
  }
}

}  // namespace
}  // namespace berth::identity
