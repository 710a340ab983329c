// SPDX-License-Identifier: Apache-2.0
#include "net/head_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace berth::net {
namespace {

using State = HeadParser::State;

// Feeds `text` in pieces; what is not used stays in front of the next piece, as a connection does it.
State feed(HeadParser& parser, std::string_view text, std::size_t piece, std::string* rest = nullptr) {
  std::string kept;
  auto state = State::incomplete;
  while (state == State::incomplete && !text.empty()) {
    kept += text.substr(0, piece);
    text.remove_prefix(std::min(piece, text.size()));
    std::string_view input = kept;
    state = parser.feed(input);
    kept.erase(0, kept.size() - input.size());
  }
  if (rest) *rest = kept + std::string(text);
  return state;
}

TEST(HeadParser, ReadsTheSameHoweverTheHeadIsCutUp) {
  const std::string text =
      "POST /a%20b/c?x=1&y=a+b&x=2 HTTP/1.1\r\nHost: h:80\r\nContent-Length: 3\r\nX-Two:  a  b \t\r\nEMPTY:\r\n"
      "X-Two: c\r\n\r\nabc";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const Limits limits;
    HeadParser parser(limits);
    std::string rest;
    ASSERT_EQ(feed(parser, text, piece, &rest), State::complete) << piece;
    const auto& request = parser.request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/a%20b/c?x=1&y=a+b&x=2");
    EXPECT_EQ(request.path, "/a b/c");
    EXPECT_EQ(request.query, (http::Pairs{{"x", "1"}, {"y", "a b"}, {"x", "2"}}));
    EXPECT_EQ(
        request.headers,
        (http::Pairs{{"host", "h:80"}, {"content-length", "3"}, {"x-two", "a  b"}, {"empty", ""}, {"x-two", "c"}}));
    EXPECT_EQ(parser.framing().content_length, 3U);
    EXPECT_EQ(rest, "abc");
  }
}

struct TargetCase {
  std::string_view target;
  std::string_view path;
};
class HeadParserTargets : public ::testing::TestWithParam<TargetCase> {};

TEST_P(HeadParserTargets, BecomePaths) {
  const Limits limits;
  HeadParser parser(limits);
  const auto method = GetParam().target == "*" ? "OPTIONS " : "GET ";
  ASSERT_EQ(feed(parser, method + std::string(GetParam().target) + " HTTP/1.1\r\nHost: h\r\n\r\n", 1000),
            State::complete);
  EXPECT_EQ(parser.request().path, GetParam().path);
  EXPECT_EQ(parser.request().target, GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(, HeadParserTargets,
                         ::testing::Values(TargetCase{"/", "/"}, TargetCase{"//a//", "//a//"},
                                           TargetCase{"/%41%2f", "/A/"}, TargetCase{"/a+b", "/a+b"},
                                           TargetCase{"/../x", "/../x"}, TargetCase{"http://h/a", "/a"},
                                           TargetCase{"HTTPS://h:1/a?b=c", "/a"}, TargetCase{"http://h", "/"},
                                           TargetCase{"http://h?x=1", "/"}, TargetCase{"*", "*"},
                                           TargetCase{"/http://x", "/http://x"}));

struct FramingCase {
  std::string_view headers;
  Framing::Body body;
  bool keep_alive;
};
class HeadParserFraming : public ::testing::TestWithParam<FramingCase> {};

TEST_P(HeadParserFraming, IsRead) {
  const Limits limits;
  HeadParser parser(limits);
  ASSERT_EQ(feed(parser, "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(GetParam().headers) + "\r\n", 1000),
            State::complete);
  EXPECT_EQ(parser.framing().body, GetParam().body);
  EXPECT_EQ(parser.framing().keep_alive, GetParam().keep_alive);
}

INSTANTIATE_TEST_SUITE_P(, HeadParserFraming,
                         ::testing::Values(FramingCase{"", Framing::Body::none, true},
                                           FramingCase{"Content-Length: 0\r\n", Framing::Body::none, true},
                                           FramingCase{"Content-Length: 0005\r\n", Framing::Body::sized, true},
                                           FramingCase{"Transfer-Encoding: Chunked\r\n", Framing::Body::chunked, true},
                                           FramingCase{"Connection: close\r\n", Framing::Body::none, false},
                                           FramingCase{"Connection: Upgrade, CLOSE\r\n", Framing::Body::none, false},
                                           FramingCase{"Connection: keep-alive\r\nConnection: close\r\n",
                                                       Framing::Body::none, false},
                                           FramingCase{"Connection: closed\r\n", Framing::Body::none, true}));

TEST(HeadParser, KeepsHttp10AliveOnlyWhenAsked) {
  const Limits limits;
  HeadParser parser(limits);
  ASSERT_EQ(feed(parser, "GET / HTTP/1.0\r\n\r\n", 1000), State::complete);
  EXPECT_FALSE(parser.framing().keep_alive);
  parser.reset();
  ASSERT_EQ(feed(parser, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 1000), State::complete);
  EXPECT_TRUE(parser.framing().keep_alive);
}

TEST(HeadParser, IgnoresOneEmptyLineBeforeTheRequestAndTakesItForNoBeginning) {
  const Limits limits;
  HeadParser parser(limits);
  EXPECT_EQ(feed(parser, "\r\n", 1), State::incomplete);
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(feed(parser, "G", 1), State::incomplete);
  EXPECT_TRUE(parser.started());
  parser.reset();
  EXPECT_EQ(feed(parser, "\r\n\r\n", 1), State::refused);
}

TEST(HeadParser, TakesAHeadOfExactlyTheLimit) {
  Limits limits;
  limits.max_header_bytes = 100;
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  for (const std::size_t size : {std::size_t{100}, std::size_t{101}}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
      HeadParser parser(limits);
      const auto text = start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
      ASSERT_EQ(text.size(), size);
      const auto state = feed(parser, text, piece);
      EXPECT_EQ(state, size == 100 ? State::complete : State::refused) << size << " in pieces of " << piece;
      EXPECT_EQ(parser.refusal().status, size == 100 ? Refusal().status : 431);
    }
  }
}

TEST(HeadParser, SaysWhichLimitALongRequestLinePasses) {
  Limits limits;
  limits.max_target_bytes = 50;
  limits.max_header_bytes = 200;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
    HeadParser parser(limits);
    ASSERT_EQ(feed(parser, "GET /" + std::string(50, 'x') + " HTTP/1.1\r\n", piece), State::refused);
    EXPECT_EQ(parser.refusal().status, 414);
    parser.reset();
    ASSERT_EQ(feed(parser, "GET /" + std::string(400, 'x'), piece), State::refused);
    EXPECT_EQ(parser.refusal().status, 414);
    parser.reset();
    ASSERT_EQ(feed(parser, std::string(400, 'G'), piece), State::refused);
    EXPECT_EQ(parser.refusal().status, 400);
  }
}

TEST(HeadParser, CountsHeaders) {
  Limits limits;
  limits.max_header_fields = 3;
  HeadParser parser(limits);
  EXPECT_EQ(feed(parser, "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n", 1000), State::complete);
  parser.reset();
  EXPECT_EQ(feed(parser, "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", 1000), State::refused);
  EXPECT_EQ(parser.refusal().status, 431);
}

}  // namespace
}  // namespace berth::net
