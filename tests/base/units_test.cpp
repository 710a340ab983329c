// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::chrono_literals;

TEST(Units, ReadsSizes) {
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("17"), 17u);
  EXPECT_EQ(parse_size("17B"), 17u);
  EXPECT_EQ(parse_size("64MiB"), 64u * 1024 * 1024);
  EXPECT_EQ(parse_size("2 GiB"), 2ull * 1024 * 1024 * 1024);
  EXPECT_EQ(parse_size("3kB"), 3000u);
  for (const auto* text : {"", "MiB", "-1", "+1", "1.5MiB", "1mib", "64 MiB ", "0x10", "99999999999999999999",
                           "9999999999999GiB", "1KB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Units, ReadsDurations) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("2 min"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("0"), 0ms);
  for (const auto* text : {"", "10", "s", "-1s", "1.5s", "10 sec", "1w", "99999999999999999h"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Units, WritesWhatItReads) {
  for (const auto* text : {"0", "1B", "1023B", "8KiB", "64MiB", "1GiB"})
    EXPECT_EQ(format_size(*parse_size(text)), text);
  for (const auto* text : {"0", "1ms", "1500ms", "10s", "2min", "23h", "1d", "25h"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
}

}  // namespace
}  // namespace berth
