// SPDX-License-Identifier: Apache-2.0
#include "identity/rights.h"

#include <gmock/gmock.h>

#include "identity/principal.h"

namespace berth::identity {
namespace {

TEST(Rights, AreReadAndWritten) {
  const auto rights = Rights::parse(R"({"digits":["manage","predict"],"*":["predict"]})");
  ASSERT_TRUE(rights);
  EXPECT_EQ(rights->to_json(), R"({"*":["predict"],"digits":["predict","manage"]})");
  EXPECT_EQ(Rights::parse(rights->to_json()), *rights);
  EXPECT_TRUE(Rights::parse("{}")->empty());
}

TEST(Rights, OfAModelThatIsNamedStandInPlaceOfEverybodyElses) {
  const auto rights = Rights::parse(R"({"*":["predict","train"],"secret":[],"digits":["manage"]})");
  EXPECT_TRUE(rights->has(Right::train, "birds"));
  EXPECT_FALSE(rights->has(Right::manage, "birds"));
  EXPECT_FALSE(rights->has(Right::predict, "secret"));
  EXPECT_TRUE(rights->has(Right::manage, "digits"));
  EXPECT_FALSE(rights->has(Right::predict, "digits"));
}

TEST(Rights, ThatAreNoneAreNamed) {
  EXPECT_THAT(Rights::parse("[]").error().message, testing::HasSubstr("an object"));
  EXPECT_THAT(Rights::parse(R"({"digits":"predict"})").error().message, testing::HasSubstr("rights.digits"));
  EXPECT_THAT(Rights::parse(R"({"digits":["rule"]})").error().message, testing::HasSubstr("rights.digits"));
  EXPECT_THAT(Rights::parse(R"({"digits":[1]})").error().message, testing::HasSubstr("rights.digits"));
}

std::shared_ptr<const Rights> shared(const char* text) { return std::make_shared<const Rights>(*Rights::parse(text)); }

TEST(Principal, MayWhatItsRoleMay) {
  EXPECT_FALSE(may({}, Right::predict, "digits"));
  EXPECT_FALSE(may({.role = Role::viewer}, Right::predict, "digits"));
  EXPECT_TRUE(may({.role = Role::user}, Right::predict, "digits"));
  EXPECT_FALSE(may({.role = Role::user}, Right::train, "digits"));
  EXPECT_FALSE(may({.role = Role::user}, Right::manage, "digits"));
  for (const auto right : kAllRights) EXPECT_TRUE(may({.role = Role::admin}, right, "digits"));
}

TEST(Principal, MayWhatItsRightsSayInPlaceOfTheRole) {
  const Principal user{.role = Role::user, .rights = shared(R"({"digits":["train"]})")};
  EXPECT_TRUE(may(user, Right::train, "digits"));
  EXPECT_FALSE(may(user, Right::predict, "digits"));
  EXPECT_FALSE(may(user, Right::predict, "birds"));
  const Principal admin{.role = Role::admin, .rights = shared(R"({"digits":[]})")};
  EXPECT_TRUE(may(admin, Right::manage, "digits")) << "nothing takes from an admin";
}

TEST(Principal, IsNarrowedByItsKey) {
  const Principal admin{.role = Role::admin, .narrowed_to = shared(R"({"digits":["predict"]})")};
  EXPECT_TRUE(may(admin, Right::predict, "digits"));
  EXPECT_FALSE(may(admin, Right::manage, "digits"));
  const Principal viewer{.role = Role::viewer, .narrowed_to = shared(R"({"*":["predict"]})")};
  EXPECT_FALSE(may(viewer, Right::predict, "digits")) << "a key gives nothing";
}

TEST(Principal, IsCountedByItsKeyElseItsUserElseItsAddress) {
  EXPECT_EQ(subject_of({.user_id = 5, .key_id = 7, .address = "10.0.0.1"}), "key 7");
  EXPECT_EQ(subject_of({.user_id = 5, .address = "10.0.0.1"}), "user 5");
  EXPECT_EQ(subject_of({.address = "10.0.0.1"}), "address 10.0.0.1");
}

}  // namespace
}  // namespace berth::identity
