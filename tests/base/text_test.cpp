// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(Text, Utf8IsWellFormedOrRefused) {
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
  EXPECT_TRUE(is_utf8("é € 😀 \xf4\x8f\xbf\xbf"));
  for (const auto* bytes : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xff"}) {
    EXPECT_FALSE(is_utf8(bytes));
  }
  EXPECT_EQ(latin1_to_utf8("caf\xe9"), "café");
}

TEST(Text, BecomesWhatADatabaseTakes) {
  EXPECT_EQ(storable(std::string("a\0é", 4)), "aé");
  EXPECT_EQ(storable("\xe9t\xe9"), "été");
}

TEST(Text, LowersAsciiAndNothingElse) {
  EXPECT_EQ(to_lower("Content-TYPE @[`{ 09"), "content-type @[`{ 09");
  EXPECT_EQ(to_lower("ÀÉ\xff"), "ÀÉ\xff");
}

TEST(Text, SpellsBytesInHexadecimal) {
  EXPECT_EQ(to_hex(std::string_view("\x00\x09\x1f\xa0\xff", 5)), "00091fa0ff");
  EXPECT_EQ(to_hex(""), "");
}

}  // namespace
}  // namespace berth
