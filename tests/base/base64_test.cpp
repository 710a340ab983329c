// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::string_literals;

TEST(Base64, ReadsWhatTheStandardGivesAsExamples) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64("AP8+//8="), "\0\xff>\xff\xff"s);
}

TEST(Base64, ReadsOverWhiteSpace) { EXPECT_EQ(decode_base64(" Zm9v\r\nYm\tFy\n"), "foobar"); }

TEST(Base64, RefusesWhatIsNone) {
  for (const auto* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm9vY", "Z=g=", "Zg==Zg==", "Zm9v!",
                           "Zm-_", "data:image/png;base64,Zm9v", "Zm\xc3\xa9v"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode_base64("Zm9v\0"s), std::nullopt);
}

}  // namespace
}  // namespace berth
