// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <gmock/gmock.h>

#include <set>

namespace berth {
namespace {

TEST(RandomHexId, IsAVersion4UuidWithoutHyphens) {
  for (int i = 0; i < 200; ++i) {
    const auto id = random_hex_id();
    ASSERT_THAT(id, testing::MatchesRegex("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}"));
  }
}

TEST(RandomHexId, DoesNotRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_hex_id());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(RequestId, TakesWhatIsPlainAndRefusesTheRest) {
  EXPECT_TRUE(is_sane_request_id("6a0b4dd8-3ab2"));
  EXPECT_TRUE(is_sane_request_id("Root=1-67891233-abc/+=@._:"));
  EXPECT_TRUE(is_sane_request_id(std::string(128, 'x')));
  EXPECT_FALSE(is_sane_request_id(""));
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'x')));
  EXPECT_FALSE(is_sane_request_id("a b"));
  EXPECT_FALSE(is_sane_request_id("a\r\nSet-Cookie"));
  EXPECT_FALSE(is_sane_request_id("\"quoted\""));
  EXPECT_FALSE(is_sane_request_id("größe"));
}

}  // namespace
}  // namespace berth
