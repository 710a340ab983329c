// SPDX-License-Identifier: Apache-2.0
#include "identity/login_throttle.h"

#include <gtest/gtest.h>

namespace berth::identity {
namespace {

using std::chrono::seconds;

class Throttle : public testing::Test {
 protected:
  // Whether it may try; each failed.
  bool tries(const char* account, const char* address) { return throttle_.attempt(account, address, now_).has_value(); }
  seconds wait(const char* account, const char* address) {
    const auto refused = throttle_.attempt(account, address, now_);
    return refused ? seconds(0) : refused.error().retry_after.value_or(seconds(-1));
  }

  LoginLimits limits_{.free_attempts = 3, .longest_wait = seconds(8), .memory = seconds(100), .max_remembered = 6};
  LoginThrottle throttle_{limits_};
  LoginThrottle::Clock::time_point now_ = LoginThrottle::Clock::now();
};

TEST_F(Throttle, MakesWhoeverGuessesAnAccountsPasswordWaitLongerAndLonger) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tries("ada", "10.0.0.1"));
  for (const int expected : {1, 2, 4, 8, 8}) {
    EXPECT_EQ(wait("ada", "10.0.0.2"), seconds(expected)) << "from any address";
    now_ += seconds(expected);
    EXPECT_TRUE(tries("ada", "10.0.0.2"));
  }
}

TEST_F(Throttle, MakesAnAddressWaitThatTriesManyAccounts) {
  for (const auto* account : {"ada", "bob", "cyd", "dan"}) EXPECT_TRUE(tries(account, "10.0.0.1"));
  EXPECT_FALSE(tries("eve", "10.0.0.1"));
  EXPECT_TRUE(tries("ada", "10.0.0.2"));
}

TEST_F(Throttle, ForgetsAnAccountsFailuresOnceItLoggedIn) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(tries("ada", "10.0.0.1"));
  throttle_.succeeded("ada", "10.0.0.1");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(tries("ada", "10.0.0.1"));
}

TEST_F(Throttle, DoesNotForgetWhatAnAddressGuessedOfOthersOnceItLoggedIn) {
  for (const auto* account : {"ada", "bob", "cyd"}) EXPECT_TRUE(tries(account, "10.0.0.1"));
  EXPECT_TRUE(tries("own", "10.0.0.1"));
  throttle_.succeeded("own", "10.0.0.1");
  EXPECT_TRUE(tries("dan", "10.0.0.1"));
  EXPECT_FALSE(tries("eve", "10.0.0.1"));
}

TEST_F(Throttle, ForgetsAfterAWhile) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tries("ada", "10.0.0.1"));
  now_ += limits_.memory + seconds(1);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tries("ada", "10.0.0.1"));
}

TEST_F(Throttle, MakesAnAddressWaitThatDoesSomethingOften) {
  const auto tries_from = [this](const char* address) { return throttle_.attempt_from(address, now_).has_value(); };
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tries_from("10.0.0.1"));
  EXPECT_FALSE(tries_from("10.0.0.1"));
  EXPECT_TRUE(tries_from("10.0.0.2"));
  now_ += seconds(1);
  EXPECT_TRUE(tries_from("10.0.0.1"));
  EXPECT_EQ(throttle_.attempt_from("10.0.0.1", now_).error().retry_after, seconds(2));
}

TEST_F(Throttle, RemembersNothingOfWhatItRefused) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tries("ada", "10.0.0.1"));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(tries(("user" + std::to_string(i)).c_str(), "10.0.0.1"));
  EXPECT_FALSE(tries("ada", "10.0.0.9")) << "the others did not push it out";
}

TEST_F(Throttle, RemembersNoMoreThanItMay) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tries("ada", "10.0.0.1"));
  EXPECT_FALSE(tries("ada", "10.0.0.9"));
  for (int i = 0; i < 6; ++i) {
    now_ += std::chrono::milliseconds(1);
    tries(("user" + std::to_string(i)).c_str(), ("10.0.1." + std::to_string(i)).c_str());
  }
  EXPECT_TRUE(tries("ada", "10.0.0.9")) << "it failed longest ago";
}

}  // namespace
}  // namespace berth::identity
