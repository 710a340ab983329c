// SPDX-License-Identifier: Apache-2.0
#include "http/header_value.h"

#include <gmock/gmock.h>

namespace berth::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(HeaderValue, TakesParametersApart) {
  const auto value = parse_header_value(" form-data ; Name=\"a b\";filename = x.png ; q=\"\\\"\\\\\" ;");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->main, "form-data");
  EXPECT_THAT(value->params, ElementsAre(Pair("name", "a b"), Pair("filename", "x.png"), Pair("q", "\"\\")));
  EXPECT_EQ(value->param("filename"), "x.png");
  EXPECT_EQ(value->param("absent"), std::nullopt);
}

TEST(HeaderValue, KeepsBackslashesThatEscapeNothing) {
  EXPECT_EQ(parse_header_value("a; f=\"C:\\dir\\x.png\"")->param("f"), "C:\\dir\\x.png");
}

TEST(HeaderValue, RefusesBrokenGrammar) {
  for (const auto* text : {"a; b", "a; =c", "a; b=\"open", "a; b=\"c\" d", "a; b\x01=c", "a\nb", "a; (=x"}) {
    EXPECT_FALSE(parse_header_value(text)) << text;
  }
}

TEST(HeaderValue, NoticesRepeatedParameters) {
  EXPECT_TRUE(parse_header_value("a; b=1; B=2")->repeats("b"));
  EXPECT_FALSE(parse_header_value("a; b=1; c=2")->repeats("b"));
}

TEST(Request, FindsHeadersAndTheMediaType) {
  Request request;
  EXPECT_EQ(request.media_type(), "");
  request.headers = {{"content-type", "Application/JSON ; charset=utf-8"}, {"x", "1"}, {"x", "2"}};
  EXPECT_EQ(request.media_type(), "application/json");
  EXPECT_EQ(request.header("x"), "1");
  EXPECT_EQ(request.header("y"), std::nullopt);
}

}  // namespace
}  // namespace berth::http
