// SPDX-License-Identifier: Apache-2.0
#include "config/values.h"

#include <gtest/gtest.h>

namespace berth::config {
namespace {

TEST(Values, VersionsAreTheLatestAllOrAList) {
  EXPECT_EQ(parse_versions("latest")->latest, 1U);
  EXPECT_EQ(parse_versions("latest 3")->latest, 3U);
  EXPECT_EQ(parse_versions("all")->latest, 0U);
  EXPECT_EQ(parse_versions("1, 3,20260102030405 ")->listed, (std::vector<std::string>{"1", "3", "20260102030405"}));
  for (const auto* wrong :
       {"", "latest 0", "latest x", "latest3", "newest", "1,", "1 2", "../1", "1,A", "latest 1001"}) {
    EXPECT_FALSE(parse_versions(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace berth::config
