// SPDX-License-Identifier: Apache-2.0
#include "http/body.h"

#include <gmock/gmock.h>

#include <array>

namespace berth::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Body, EncodesWhatIsNotPlain) { EXPECT_EQ(percent_encode("a b/é&=~-._9"), "a%20b%2F%C3%A9%26%3D~-._9"); }

TEST(PercentDecode, DecodesEscapesAndLeavesTheRest) {
  EXPECT_EQ(percent_decode("a%20b%2Fc+d", false), "a b/c+d");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
  EXPECT_EQ(percent_decode("%c3%A9", false), "é");
}

TEST(PercentDecode, RefusesBadEscapesNulAndWhatIsNotUtf8) {
  for (const auto* text : {"%", "%4", "%4g", "a%", "%zz", "%00", "x%00y", "%ff", "%c3", "%ed%a0%80"}) {
    const auto decoded = percent_decode(text, false);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code, Code::invalid_argument) << text;
  }
  EXPECT_FALSE(percent_decode(std::string_view("a\0b", 3), false));
}

TEST(Urlencoded, KeepsOrderAndRepeatedKeys) {
  const auto fields = parse_urlencoded("url=a&n=1&url=b&&flag&empty=&eq=a=b");
  ASSERT_TRUE(fields);
  EXPECT_THAT(*fields, ElementsAre(Pair("url", "a"), Pair("n", "1"), Pair("url", "b"), Pair("flag", ""),
                                   Pair("empty", ""), Pair("eq", "a=b")));
  EXPECT_TRUE(parse_urlencoded("")->empty());
}

TEST(Urlencoded, DecodesNamesAndValues) {
  EXPECT_THAT(*parse_urlencoded("a%20b=c%26d+e"), ElementsAre(Pair("a b", "c&d e")));
}

TEST(Urlencoded, RefusesTooManyFieldsAndBadEncoding) {
  EXPECT_TRUE(parse_urlencoded("a&b&c", 3));
  EXPECT_EQ(parse_urlencoded("a&b&c&d", 3).error().message, "more than 3 fields");
  EXPECT_FALSE(parse_urlencoded("a=%"));
  EXPECT_FALSE(parse_urlencoded("%g1=a"));
}

constexpr std::array<std::string_view, 3> kOffered = {"application/json", "text/plain; charset=utf-8", "image/png"};

TEST(Negotiate, TakesTheFirstWhereTheClientDoesNotCare) {
  for (const auto* accept : {"", "  ", "*/*", "*/*;q=0.1", "application/*, */*", "text/*, */*"}) {
    EXPECT_EQ(negotiate(accept, kOffered), "application/json") << accept;
  }
}

TEST(Negotiate, FollowsQualityAndSpecificity) {
  EXPECT_EQ(negotiate("image/png", kOffered), "image/png");
  EXPECT_EQ(negotiate("IMAGE/PNG", kOffered), "image/png");
  EXPECT_EQ(negotiate("text/plain", kOffered), "text/plain; charset=utf-8");
  EXPECT_EQ(negotiate("text/*;q=0.9, application/json;q=0.5", kOffered), "text/plain; charset=utf-8");
  EXPECT_EQ(negotiate("*/*, application/json;q=0", kOffered), "text/plain; charset=utf-8");
  EXPECT_EQ(negotiate("image/*;q=0.001,application/json;q=0", kOffered), "image/png");
  EXPECT_EQ(negotiate("application/json;level=\"1,2\";q=0.5, image/png;q=0.6", kOffered), "image/png");
}

TEST(Negotiate, SaysThatNothingIsAcceptable) {
  for (const auto* accept : {"video/mp4", "*/*;q=0", "text/html, application/xml;q=0.9", "garbage", "image/png;q=2"}) {
    EXPECT_EQ(negotiate(accept, kOffered), std::nullopt) << accept;
  }
  EXPECT_EQ(negotiate("*/*", {}), std::nullopt);
}

TEST(Negotiate, SkipsElementsThatBreakTheGrammar) {
  EXPECT_EQ(negotiate("text/plain;q=x, ;;, image/png;q=0.3, \"open", kOffered), "image/png");
}

}  // namespace
}  // namespace berth::http
