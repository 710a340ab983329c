// SPDX-License-Identifier: Apache-2.0
#include "net/response_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr ResponseContext kContext{.request_id = "id-1", .date = "now"};

TEST(ResponseHead, HoldsWhatEveryResponseHas) {
  const auto head = serialise_head(http::Response::json(200, "{}"), kContext);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nServer: berth\r\nDate: now\r\nContent-Length: 2\r\nX-Request-Id: id-1\r\n"
            "Content-Type: application/json\r\n\r\n");
}

TEST(ResponseHead, SaysHowTheConnectionGoesOn) {
  auto context = kContext;
  context.close = true;
  EXPECT_THAT(serialise_head({}, context), HasSubstr("Connection: close\r\n"));
  context = kContext;
  context.http_1_0 = true;
  EXPECT_THAT(serialise_head({}, context), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(ResponseHead, LeavesOutHeadersThatWouldBreakTheMessageApart) {
  http::Response response;
  response.headers = {{"X-A", "1\r\nSet-Cookie: x"},
                      {"X-B\r\nX-C", "1"},
                      {"", "1"},
                      {"X-D", std::string("\0", 1)},
                      {"Content-Length", "5"},
                      {"transfer-encoding", "chunked"},
                      {"X-Good", "yes"},
                      {"Connection", "close"},
                      {"X-Request-ID", "other"}};
  const auto head = serialise_head(response, kContext);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nServer: berth\r\nDate: now\r\nContent-Length: 0\r\nX-Request-Id: id-1\r\n"
            "X-Good: yes\r\n\r\n");
}

TEST(ResponseHead, AnnouncesNoBodyWhereNoneMayBe) {
  EXPECT_THAT(serialise_head(http::Response::text(204, "x"), kContext), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(serialise_head(http::Response::text(304, "x"), kContext), Not(HasSubstr("Content-Length")));
}

TEST(ResponseHead, TurnsAStatusThatIsNoneInto500) {
  EXPECT_THAT(serialise_head(http::Response::empty(99), kContext), StartsWith("HTTP/1.1 500 Internal"));
  EXPECT_THAT(serialise_head(http::Response::empty(101), kContext), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(serialise_head(http::Response::empty(600), kContext), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(serialise_head(http::Response::empty(422), kContext),
              StartsWith("HTTP/1.1 422 Unprocessable Content\r\n"));
}

}  // namespace
}  // namespace berth::net
