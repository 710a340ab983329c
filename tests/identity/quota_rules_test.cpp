// SPDX-License-Identifier: Apache-2.0
#include "identity/quota_rules.h"

#include <gtest/gtest.h>

#include <memory>

namespace berth::identity {
namespace {

constexpr Quota kTwo{.requests_per_day = 2};

std::shared_ptr<const Quota> shared(Quota quota) { return std::make_shared<const Quota>(quota); }

// How many of ten requests get in.
int admitted(QuotaDesk& desk, const Principal& caller, std::string_view model = "") {
  int count = 0;
  for (int i = 0; i < 10; ++i) count += desk.admit(caller, model, 0).has_value() ? 1 : 0;
  return count;
}

TEST(QuotaRules, WithoutAnyEverythingGetsInAndNothingIsCounted) {
  QuotaDesk desk({});
  const auto admission = desk.admit({.address = "192.0.2.1"}, "m", 1'000'000'000);
  ASSERT_TRUE(admission);
  EXPECT_FALSE(admission->is_counted());
}

TEST(QuotaRules, CountAnonymousCallersByTheirAddress) {
  QuotaDesk desk({.anonymous = kTwo});
  EXPECT_EQ(admitted(desk, {.address = "192.0.2.1"}), 2);
  EXPECT_EQ(admitted(desk, {.address = "192.0.2.2"}), 2);
  EXPECT_EQ(admitted(desk, {.address = "2001:db8::1"}), 2);
  EXPECT_EQ(admitted(desk, {.address = "2001:db8::2"}), 0) << "of the same network";
  EXPECT_EQ(admitted(desk, {.user_id = 1, .address = "192.0.2.1", .role = Role::user}), 10) << "they say who they are";
}

TEST(QuotaRules, OfARoleCountForEachUserUnlessTheyHaveTheirOwn) {
  QuotaRules rules;
  rules.by_role.at(static_cast<std::size_t>(Role::user)) = kTwo;
  QuotaDesk desk(rules);
  EXPECT_EQ(admitted(desk, {.user_id = 1, .role = Role::user}), 2);
  EXPECT_EQ(admitted(desk, {.user_id = 2, .role = Role::user}), 2);
  EXPECT_EQ(admitted(desk, {.user_id = 3, .role = Role::user, .user_quota = shared({.requests_per_day = 5})}), 5);
  EXPECT_EQ(admitted(desk, {.user_id = 4, .role = Role::admin}), 10);
}

TEST(QuotaRules, OfAKeyCountOnTop) {
  QuotaDesk desk({});
  const Principal by_key{.user_id = 1,
                         .key_id = 7,
                         .role = Role::user,
                         .user_quota = shared({.requests_per_day = 5}),
                         .key_quota = shared(kTwo)};
  EXPECT_EQ(admitted(desk, by_key), 2);
  auto by_another = by_key;
  by_another.key_id = 8;
  by_another.key_quota = nullptr;
  EXPECT_EQ(admitted(desk, by_another), 3) << "what is left of the user's";
}

TEST(QuotaRules, OfAModelAreSharedByAll) {
  QuotaDesk desk(
      {.of_model = [](std::string_view model) { return ModelQuotas{.together = model == "m" ? kTwo : Quota{}}; }});
  EXPECT_EQ(admitted(desk, {.address = "192.0.2.1"}, "m"), 2);
  EXPECT_EQ(admitted(desk, {.user_id = 1, .role = Role::admin}, "m"), 0);
  EXPECT_EQ(admitted(desk, {.user_id = 1, .role = Role::admin}, "n"), 10);
}

TEST(QuotaRules, OfEachUserAtAModelCountForThemAndItAlone) {
  QuotaDesk desk({.of_model = [](std::string_view model) {
    return ModelQuotas{.each_user = model == "m" || model == "n" ? kTwo : Quota{}};
  }});
  const Principal ada{.user_id = 1, .role = Role::user};
  EXPECT_EQ(admitted(desk, ada, "m"), 2);
  EXPECT_EQ(admitted(desk, {.user_id = 1, .key_id = 7, .role = Role::user}, "m"), 0) << "with any key of theirs";
  EXPECT_EQ(admitted(desk, ada, "n"), 2);
  EXPECT_EQ(admitted(desk, ada, "other"), 10);
  EXPECT_EQ(admitted(desk, {.user_id = 2, .role = Role::admin}, "m"), 2);
  EXPECT_EQ(admitted(desk, {.address = "192.0.2.1"}, "m"), 10) << "is nobody";
  const auto refused = desk.admit(ada, "m", 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(message_of(refused.error()).find("the limit of 2 requests a day for your account with this model"), 0U);
}

TEST(QuotaRules, SayWhenToTryAgainOrThatItNeverHelps) {
  QuotaDesk desk({.anonymous = {.requests_per_day = 1, .bytes_per_day = 10}});
  const auto large = desk.admit({.address = "192.0.2.1"}, "", 11);
  ASSERT_FALSE(large);
  EXPECT_EQ(error_of(large.error()).code, Code::too_large);
  EXPECT_FALSE(error_of(large.error()).retry_after);
  ASSERT_TRUE(desk.admit({.address = "192.0.2.1"}, "", 1));
  const auto often = desk.admit({.address = "192.0.2.1"}, "", 1);
  ASSERT_FALSE(often);
  EXPECT_EQ(error_of(often.error()).code, Code::throttled);
  EXPECT_GT(error_of(often.error()).retry_after->count(), 0);
}

}  // namespace
}  // namespace berth::identity
