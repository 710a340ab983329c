// SPDX-License-Identifier: Apache-2.0
// What a well-behaved client sees of the network layer.
#include "net/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/running_server.h"
#include "net/wire.h"

namespace berth::test {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

TEST(Server, AnswersAndKeepsTheConnection) {
  RunningServer server;
  auto wire = server.connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(wire.send(get("/a")));
    const auto response = wire.read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "GET /a");
    EXPECT_EQ(response->header("server"), "berth");
    EXPECT_EQ(response->header("connection"), "");
    EXPECT_THAT(response->header("x-request-id"), MatchesRegex("[0-9a-f]+"));
    EXPECT_THAT(response->header("date"), MatchesRegex("..., .. ... .... ..:..:.. GMT"));
  }
  EXPECT_EQ(server.server().figures().connections, 1U);
  EXPECT_EQ(server.server().figures().requests, 3U);
}

TEST(Server, TakesTheClientFromATrustedProxyOnly) {
  const auto peer_of = [](RunningServer& server) {
    auto wire = server.connect();
    EXPECT_TRUE(wire.send(get("/hold", "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.9\r\n")));
    auto held = server.take_held();
    held.reply.send(http::Response::empty(204));
    return held.request.peer;
  };
  RunningServer trusting({.trusted_proxies = {*http::parse_network("127.0.0.0/8")}});
  EXPECT_EQ(peer_of(trusting), "203.0.113.9");
  RunningServer wary({.trusted_proxies = {*http::parse_network("10.0.0.0/8")}});
  EXPECT_EQ(peer_of(wary), "127.0.0.1");
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/a", "Connection: close\r\n")));
  const auto response = wire.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->header("connection"), "close");
  EXPECT_TRUE(wire.ends());
}

TEST(Server, SpeaksHttp10) {
  RunningServer server;
  auto closing = server.connect();
  ASSERT_TRUE(closing.send("GET /a HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(closing.read()->header("connection"), "close");
  EXPECT_TRUE(closing.ends());

  auto staying = server.connect();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(staying.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_EQ(staying.read()->header("connection"), "keep-alive");
  }
}

TEST(Server, AnswersHeadWithTheLengthAndWithoutTheBody) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n" + get("/next")));
  EXPECT_EQ(wire.read(true)->header("content-length"), "9");
  EXPECT_EQ(wire.read()->body, "GET /next");
}

TEST(Server, EchoesBodiesOfAnySize) {
  RunningServer server;
  auto wire = server.connect();
  for (const std::size_t size : {0UL, 1UL, 4096UL, 65'536UL, 1'000'003UL, 20'000'000UL}) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 7 + i / 251);
    ASSERT_TRUE(wire.send(post("/echo", body)));
    const auto response = wire.read();
    ASSERT_TRUE(response) << size;
    EXPECT_TRUE(response->body == body) << size;
  }
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.body_bytes_in_memory == 0; }));
}

TEST(Server, ReadsChunkedBodies) {
  RunningServer server;
  auto wire = server.connect();
  const std::string large(300'000, 'x');
  ASSERT_TRUE(
      wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                "5\r\nhello\r\n493e0\r\n" +
                large + "\r\n1;x=y\r\n!\r\n0\r\nTrailer: t\r\n\r\n" + get("/next")));
  EXPECT_TRUE(wire.read()->body == "hello" + large + "!");
  EXPECT_EQ(wire.read()->body, "GET /next");
}

TEST(Server, ReadsChunkedBodiesByteByByte) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(
      wire.send_bytewise("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));
  EXPECT_EQ(wire.read()->body, "hello world");
}

TEST(Server, ContinuesWhereTheClientWaitsForIt) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(wire.read(true)->status, 100);
  ASSERT_TRUE(wire.send("hello"));
  EXPECT_EQ(wire.read()->body, "hello");
}

TEST(Server, ContinuesOnlyAfterEarlierAnswers) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(
      wire.send(get("/hold") + "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
  server.take_held().reply.send(http::Response::text(200, "first"));
  EXPECT_EQ(wire.read()->body, "first");
  EXPECT_EQ(wire.read(true)->status, 100);
  ASSERT_TRUE(wire.send("hello"));
  EXPECT_EQ(wire.read()->body, "hello");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer server;
  auto wire = server.connect();
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += get(numbered("/", i));
  ASSERT_TRUE(wire.send(requests));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(wire.read()->body, numbered("GET /", i));
}

TEST(Server, AnswersInOrderWhenLaterAnswersComeFirst) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold1") + get("/hold2") + get("/three") + get("/hold4")));
  auto first = server.take_held();
  auto second = server.take_held();
  auto fourth = server.take_held();
  EXPECT_EQ(second.request.path, "/hold2");
  fourth.reply.send(http::Response::text(200, "four"));
  second.reply.send(http::Response::text(200, "two"));
  EXPECT_TRUE(wire.stays_silent(std::chrono::milliseconds(50)));
  first.reply.send(http::Response::text(200, "one"));
  EXPECT_EQ(wire.read()->body, "one");
  EXPECT_EQ(wire.read()->body, "two");
  EXPECT_EQ(wire.read()->body, "GET /three");
  EXPECT_EQ(wire.read()->body, "four");
}

TEST(Server, AnswersAClientThatHasClosedItsSide) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold") + get("/two")));
  wire.shutdown_write();
  server.take_held().reply.send(http::Response::text(200, "one"));
  EXPECT_EQ(wire.read()->body, "one");
  EXPECT_EQ(wire.read()->body, "GET /two");
  EXPECT_TRUE(wire.ends());
}

TEST(Server, GivesTheHandlerTheWholeRequest) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(
      wire.send("POST /hold/a%20b?k=v+w&k=%32 HTTP/1.1\r\nHost: h\r\nX-Request-Id: client-7\r\n"
                "X-Many: 1\r\nX-Many: 2\r\nContent-Length: 2\r\n\r\nhi"));
  auto held = server.take_held();
  EXPECT_EQ(held.request.method, "POST");
  EXPECT_EQ(held.request.target, "/hold/a%20b?k=v+w&k=%32");
  EXPECT_EQ(held.request.path, "/hold/a b");
  EXPECT_THAT(held.request.query, ElementsAre(std::pair("k", "v w"), std::pair("k", "2")));
  EXPECT_EQ(held.request.header("x-many"), "1");
  EXPECT_EQ(held.request.body.view(), "hi");
  EXPECT_EQ(held.request.peer, "127.0.0.1");
  EXPECT_EQ(held.request.id, "client-7");
  EXPECT_LE(held.request.received, std::chrono::steady_clock::now());
  held.reply.send(http::Response::empty(204));
  const auto response = wire.read();
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(response->header("x-request-id"), "client-7");
  EXPECT_EQ(response->header("content-length"), "");
}

TEST(Server, Answers500ForAHandlerThatThrowsOrForgets) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/throw") + get("/forget") + get("/fine")));
  EXPECT_EQ(wire.read()->status, 500);
  EXPECT_EQ(wire.read()->status, 500);
  EXPECT_EQ(wire.read()->status, 200);
  EXPECT_EQ(server.server().figures().requests_in_flight, 0U);
}

TEST(Server, SpreadsConnectionsOverItsThreads) {
  net::Options options;
  options.io_threads = 3;
  RunningServer server(options);
  std::vector<Wire> wires;
  for (int i = 0; i < 30; ++i) {
    wires.push_back(server.connect());
    ASSERT_TRUE(wires.back().send(get("/hold")));
  }
  EXPECT_EQ(server.server().loops().size(), 3U);
  for (int i = 0; i < 30; ++i) server.take_held().reply.send(http::Response::text(200, "x"));
  for (auto& wire : wires) EXPECT_EQ(wire.read()->body, "x");
}

TEST(Server, SaysWhyItCannotListen) {
  RunningServer first;
  net::Options options;
  options.port = first.port();
  const auto server = net::Server::create(options);
  ASSERT_TRUE(server);
  const auto started = (*server)->start([](auto&&, auto&&) {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::unavailable);
  EXPECT_THAT(started.error().message, MatchesRegex("cannot listen on 127.0.0.1:.*Address already in use.*"));
}

TEST(Server, ListensOnIpv6) {
  net::Options options;
  options.ip = "::1";
  options.port = 0;
  const auto server = net::Server::create(options);
  const auto started = (*server)->start([](auto&&, auto&&) {});
  if (!started) GTEST_SKIP() << "no IPv6 here: " << started.error().message;
  EXPECT_GT((*server)->port(), 0);
}

TEST(Server, RunsOthersTasksOnItsThreads) {
  RunningServer server;
  auto* loop = server.server().loops().front();
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  auto held = std::make_shared<HeldRequest>(server.take_held());
  loop->post([held, loop] {
    held->reply.send(http::Response::text(200, loop->in_loop_thread() ? "same thread" : "other thread"));
  });
  EXPECT_EQ(wire.read()->body, "same thread");
}

}  // namespace
}  // namespace berth::test
