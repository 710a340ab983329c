// SPDX-License-Identifier: Apache-2.0
#include "net/refusal_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "net/running_server.h"
#include "net/wire.h"
#include "support/recent_log.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

class RefusalLog : public testing::Test {
 protected:
  RefusalLog() { keep_log(); }
  static std::string id_of(Wire& wire, int status) {
    const auto response = wire.read();
    EXPECT_TRUE(response && response->status == status);
    return response ? response->header("x-request-id") : "";
  }
  // The line says the status, and carries the id that the client was told.
  static void expect_line(const std::string& id, const std::string& said) {
    EXPECT_THAT(log_line_with(request_id_member(id)), HasSubstr(said)) << log::recent();
  }
};

TEST_F(RefusalLog, CarriesTheIdThatTheClientIsTold) {
  net::Limits limits;
  limits.max_body_bytes = 1000;
  limits.header_timeout = std::chrono::milliseconds(50);
  RunningServer server(with_limits(limits));
  auto too_large = server.connect();
  ASSERT_TRUE(too_large.send(post("/echo", std::string(2000, 'x'), "X-Request-Id: mine-1\r\n")));
  EXPECT_EQ(id_of(too_large, 413), "mine-1");
  expect_line("mine-1", "refused 413");

  auto long_header = server.connect();
  ASSERT_TRUE(long_header.send(get("/", "X: " + std::string(20'000, 'x') + "\r\n")));
  expect_line(id_of(long_header, 431), "refused 431");
  auto nonsense = server.connect();
  ASSERT_TRUE(nonsense.send("GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"));
  expect_line(id_of(nonsense, 400), "refused 400");
  auto slow = server.connect();
  ASSERT_TRUE(slow.send("GET / HT"));
  expect_line(id_of(slow, 408), "refused 408");
}

TEST_F(RefusalLog, NamesTheClientThatATrustedProxyNames) {
  net::Options options;
  options.limits.max_body_bytes = 1000;
  options.trusted_proxies = {*http::parse_network("127.0.0.1")};
  RunningServer server(options);
  const std::string forwarded = "X-Forwarded-For: 203.0.113.9\r\n";
  for (const std::string& request : {post("/echo", std::string(2000, 'x'), forwarded),
                                     "POST /echo HTTP/1.1\r\nHost: h\r\n" + forwarded +
                                         "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x')}) {
    auto large = server.connect();
    ASSERT_TRUE(large.send(request));
    expect_line(id_of(large, 413), "; from 203.0.113.9");
  }
  auto half = server.connect();
  ASSERT_TRUE(half.send("GET / HTTP/1.1\r\nHost: h\r\n" + forwarded + "no colon\r\n\r\n"));
  expect_line(id_of(half, 400), "; from 127.0.0.1");
}

TEST_F(RefusalLog, TellsOfConnectionsAndRequestsBeyondTheLimits) {
  net::Limits limits;
  limits.max_connections = 1;
  limits.max_requests_in_flight = 1;
  RunningServer server(with_limits(limits));
  auto first = server.connect();
  ASSERT_TRUE(first.send(get("/hold") + get("/second", "X-Request-Id: mine-2\r\n")));
  auto held = server.take_held();
  auto second = server.connect();
  expect_line(id_of(second, 503), "connections");
  held.reply.send(http::Response::empty(204));
  EXPECT_EQ(first.read()->status, 204);
  EXPECT_EQ(id_of(first, 503), "mine-2");
  expect_line("mine-2", "refused 503");
}

TEST_F(RefusalLog, IsBoundedUnderAFlood) {
  net::RefusalLog flooded;
  constexpr int kFlood = 10'000;
  for (int i = 0; i < kFlood; ++i) flooded.write({408, "too slow"}, "id", "127.0.0.1");
  const auto log = log::recent();
  const auto lines = static_cast<unsigned>(std::count(log.begin(), log.end(), '\n'));
  EXPECT_GE(lines, net::RefusalLog::kLinesPerSecond);
  EXPECT_LT(lines, kFlood / 10U);
}

}  // namespace
}  // namespace berth::test
