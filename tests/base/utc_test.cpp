// SPDX-License-Identifier: Apache-2.0
#include "base/utc.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace berth {
namespace {

TEST(Utc, IsToldWhateverTheTimeZoneHere) {
  ASSERT_EQ(::setenv("TZ", "America/New_York", 1), 0);
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(1'700'000'000'999)};
  EXPECT_EQ(utc_text(time, "%Y-%m-%dT%H:%M:%SZ"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(utc_text(time, "%a, %d %b %Y %H:%M:%S GMT"), "Tue, 14 Nov 2023 22:13:20 GMT");
}

}  // namespace
}  // namespace berth
