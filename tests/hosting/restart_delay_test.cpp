// SPDX-License-Identifier: Apache-2.0
#include "hosting/restart_delay.h"

#include <gtest/gtest.h>

namespace berth::hosting {
namespace {

using namespace std::chrono_literals;
using Delay = RestartDelay::Delay;

class RestartDelays : public testing::Test {
 protected:
  Delay dies(bool had_answered = false) { return delay_.after_death_on_call(had_answered, now_ += 10ms); }

  RestartDelay delay_{100ms, 1s};
  RestartDelay::Clock::time_point now_{1h};
};

TEST_F(RestartDelays, OfTheFirstDeathsOnCallsAreNone) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(dies(), 0ms);
}

TEST_F(RestartDelays, OfRepeatedDeathsOnCallsDoubleUpToTheBound) {
  for (int i = 0; i < 5; ++i) dies();
  for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) EXPECT_EQ(dies(), expected);
}

TEST_F(RestartDelays, OfDeathsThatAreFarBetweenAreNone) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(dies(), 0ms);
    delay_.on_ready(now_ += 3s);
  }
}

TEST_F(RestartDelays, OfWorkersThatHadAnsweredAreNone) {
  for (int i = 0; i < 50; ++i) EXPECT_EQ(dies(true), 0ms);
}

TEST_F(RestartDelays, GoBackToNothingAfterAQuietTime) {
  for (int i = 0; i < 8; ++i) dies();
  delay_.on_ready(now_ += 9s);  // a start takes what it takes
  EXPECT_EQ(dies(), 800ms);
  delay_.on_ready(now_ += 60s);
  now_ += 10s;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(dies(), 0ms);
}

TEST_F(RestartDelays, OfDeathsOnStartDoubleUntilItIsGivenUp) {
  for (const auto expected : {100ms, 200ms, 400ms, 800ms}) {
    EXPECT_EQ(delay_.after_death_on_start(false), expected);
    EXPECT_FALSE(delay_.gave_up_starting());
  }
  EXPECT_EQ(delay_.after_death_on_start(false), 1s);
  EXPECT_TRUE(delay_.gave_up_starting());
}

TEST_F(RestartDelays, OfARefusalIsTheBound) {
  EXPECT_EQ(delay_.after_death_on_start(true), 1s);
  EXPECT_TRUE(delay_.gave_up_starting());
}

}  // namespace
}  // namespace berth::hosting
