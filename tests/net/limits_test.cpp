// SPDX-License-Identifier: Apache-2.0
// Each limit answers with the status that net/server.h says.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "net/running_server.h"
#include "net/wire.h"

namespace berth::test {
namespace {

using std::chrono::milliseconds;

void expect_refusal(Wire& wire, int status) {
  const auto response = wire.read();
  ASSERT_TRUE(response) << "expected " << status;
  EXPECT_EQ(response->status, status);
  EXPECT_EQ(response->header("content-type"), "application/json");
  EXPECT_EQ(response->header("connection"), "close");
  EXPECT_NE(response->header("x-request-id"), "");
  EXPECT_TRUE(response->body.starts_with(R"({"message":")")) << response->body;
  EXPECT_EQ(!response->header("retry-after").empty(), status == 503);
  wire.shutdown_write();
  EXPECT_TRUE(wire.ends());
}

std::chrono::nanoseconds cpu_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

TEST(Limits, HeaderBytes) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/", "X: " + std::string(20'000, 'x') + "\r\n")));
  expect_refusal(wire, 431);
}

TEST(Limits, AMegabyteOfHeadersIsRefusedCheaply) {
  RunningServer server;
  std::string headers;
  for (int i = 0; headers.size() < 1'000'000; ++i) headers += numbered("X-", i) + ": value\r\n";
  auto wire = server.connect();
  const auto before = cpu_time();
  wire.send("GET / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n");
  expect_refusal(wire, 431);
  EXPECT_LT(cpu_time() - before, milliseconds(500));  // of client and server together
}

TEST(Limits, HeaderFields) {
  RunningServer server;
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += "A: b\r\n";
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/", headers)));
  expect_refusal(wire, 431);
}

TEST(Limits, TargetBytes) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get(std::string(9000, '/'))));
  expect_refusal(wire, 414);
}

TEST(Limits, TwentyThousandSlashes) {
  net::Limits limits;
  auto small = RunningServer();
  auto wire = small.connect();
  ASSERT_TRUE(wire.send(get(std::string(20'000, '/'))));
  expect_refusal(wire, 414);

  limits.max_header_bytes = limits.max_target_bytes = 64 * 1024;
  RunningServer large(with_limits(limits));
  auto other = large.connect();
  ASSERT_TRUE(other.send(get(std::string(20'000, '/'))));
  EXPECT_EQ(other.read()->status, 200);
}

TEST(Limits, BodyBytesOnContentLengthBeforeAByteIsRead) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 67108865\r\nExpect: 100-continue\r\n\r\n"));
  expect_refusal(wire, 413);
}

TEST(Limits, BodyBytesCountedWhileChunked) {
  net::Limits limits;
  limits.max_body_bytes = 1000;
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
  ASSERT_TRUE(wire.send("3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n"));
  expect_refusal(wire, 413);
}

TEST(Limits, WhatFollowsABodyThatIsTooLargeIsNeverParsed) {
  net::Limits limits;
  limits.max_body_bytes = 1000;
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(post("/echo", get("/smuggled") + std::string(2000, 'x')) + get("/smuggled")));
  expect_refusal(wire, 413);
  EXPECT_TRUE(server.seen().empty());
}

TEST(Limits, ALargeBodyThatIsRefusedDoesNotCostTheClientItsAnswer) {
  net::Limits limits;
  limits.max_body_bytes = 1000;
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  wire.send(post("/echo", std::string(5'000'000, 'x')));
  expect_refusal(wire, 413);
}

TEST(Limits, BodyBytesInMemoryOfAllConnections) {
  net::Limits limits;
  limits.max_body_bytes_in_memory = 1'000'000;
  RunningServer server(with_limits(limits));
  auto first = server.connect();
  ASSERT_TRUE(first.send(post("/hold", std::string(700'000, 'x'))));
  auto held = server.take_held();
  EXPECT_EQ(server.server().figures().body_bytes_in_memory, 700'000U);
  auto second = server.connect();
  second.send(post("/echo", std::string(700'000, 'x')));
  expect_refusal(second, 503);

  held.request = {};
  EXPECT_EQ(server.server().figures().body_bytes_in_memory, 700'000U) << "what was made of it may wait for an answer";
  held.reply.send(http::Response::empty(204));
  EXPECT_EQ(first.read()->status, 204);
  auto third = server.connect();
  ASSERT_TRUE(third.send(post("/echo", std::string(700'000, 'x'))));
  EXPECT_EQ(third.read()->status, 200);
}

TEST(Limits, Connections) {
  net::Limits limits;
  limits.max_connections = 3;
  RunningServer server(with_limits(limits));
  std::vector<Wire> wires;
  for (int i = 0; i < 3; ++i) {
    wires.push_back(server.connect());
    ASSERT_TRUE(wires.back().send(get("/fine")));
    EXPECT_EQ(wires.back().read()->status, 200);
  }
  auto surplus = server.connect();
  expect_refusal(surplus, 503);
  wires.pop_back();
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 2; }));
  auto next = server.connect();
  ASSERT_TRUE(next.send(get("/fine")));
  EXPECT_EQ(next.read()->status, 200);
}

TEST(Limits, HundredsOfConnectionsTooManyAreClosedAndTheOthersServed) {
  net::Limits limits;
  limits.max_connections = 5;
  RunningServer server(with_limits(limits));
  auto first = server.connect();
  ASSERT_TRUE(first.send(get("/fine")));
  EXPECT_EQ(first.read()->status, 200);
  std::vector<Wire> flood;
  for (int i = 0; i < 300; ++i) flood.push_back(server.connect());
  ASSERT_TRUE(first.send(get("/fine")));
  EXPECT_EQ(first.read()->status, 200);
  int told = 0;
  for (std::size_t i = 10; i < flood.size(); ++i) {
    std::string rest;
    flood[i].shutdown_write();
    EXPECT_TRUE(flood[i].read_to_end(rest));
    told += rest.find("503") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(told, 0);
  EXPECT_LE(server.server().figures().connections, 5U + 32U);
}

TEST(Limits, RequestsInFlight) {
  net::Limits limits;
  limits.max_requests_in_flight = 2;
  RunningServer server(with_limits(limits));
  auto one = server.connect();
  ASSERT_TRUE(one.send(get("/hold1") + get("/hold2")));
  auto first = server.take_held();
  auto second = server.take_held();
  auto two = server.connect();
  ASSERT_TRUE(two.send(get("/fine")));
  const auto refused = two.read();
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("retry-after"), "1");
  EXPECT_EQ(refused->header("connection"), "");  // the request was whole: the connection goes on
  first.reply.send(http::Response::empty(204));
  EXPECT_EQ(one.read()->status, 204);
  ASSERT_TRUE(two.send(get("/fine")));
  EXPECT_EQ(two.read()->status, 200);
}

TEST(Limits, PipelinedRequestsBeyondTheLimitWaitUnparsed) {
  net::Limits limits;
  limits.max_pipelined = 4;
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  std::string requests;
  for (int i = 0; i < 10; ++i) requests += get(numbered("/hold", i));
  ASSERT_TRUE(wire.send(requests));
  std::vector<HeldRequest> held;
  for (int i = 0; i < 4; ++i) held.push_back(server.take_held());
  EXPECT_EQ(server.seen().size(), 4U);
  for (int i = 0; i < 10; ++i) {
    held[static_cast<std::size_t>(i)].reply.send(http::Response::text(200, std::to_string(i)));
    EXPECT_EQ(wire.read()->body, std::to_string(i));
    if (i < 6) held.push_back(server.take_held());
  }
}

TEST(Limits, ReadingStopsWhileRepliesAreDue) {
  net::Limits limits;
  limits.max_pipelined = 1;
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  auto held = server.take_held();
  const std::string garbage(1 << 20, '\r');
  constexpr std::size_t kMoreThanTheKernelBuffers = 64U << 20;
  std::size_t taken = 0;
  while (taken < kMoreThanTheKernelBuffers && wire.takes_more(milliseconds(200))) taken += wire.send_what_fits(garbage);
  EXPECT_LT(taken, kMoreThanTheKernelBuffers);
  held.reply.send(http::Response::empty(204));
  EXPECT_EQ(wire.read()->status, 204);
}

TEST(Limits, HeaderTimeout) {
  net::Limits limits;
  limits.header_timeout = milliseconds(100);
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send("GET / HTTP/1.1\r\nHo"));
  expect_refusal(wire, 408);
}

TEST(Limits, HeaderTimeoutOfASlowLoris) {
  net::Limits limits;
  limits.header_timeout = milliseconds(200);
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(wire.send("GET / HTTP/1.1\r\n"));
  while (wire.stays_silent(milliseconds(20)) && std::chrono::steady_clock::now() - start < Wire::kPatience) {
    wire.send("X: y\r\n");
  }
  EXPECT_EQ(wire.read()->status, 408);
}

TEST(Limits, HeaderTimeoutDoesNotRunWhileAnAnswerIsDue) {
  net::Limits limits;
  limits.header_timeout = limits.idle_timeout = milliseconds(50);
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  auto held = server.take_held();
  EXPECT_TRUE(wire.stays_silent(milliseconds(300)));
  held.reply.send(http::Response::text(200, "at last"));
  EXPECT_EQ(wire.read()->body, "at last");
}

TEST(Limits, BodyRate) {
  net::Limits limits;
  limits.body_grace = milliseconds(100);
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nsome"));
  expect_refusal(wire, 408);
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.body_bytes_in_memory == 0; }));
}

TEST(Limits, IdleTimeout) {
  net::Limits limits;
  limits.idle_timeout = milliseconds(100);
  RunningServer server(with_limits(limits));
  auto fresh = server.connect();
  EXPECT_TRUE(fresh.ends());
  auto used = server.connect();
  ASSERT_TRUE(used.send(get("/fine")));
  EXPECT_EQ(used.read()->status, 200);
  EXPECT_TRUE(used.ends());
}

TEST(Limits, WriteStall) {
  net::Limits limits;
  limits.write_stall_timeout = milliseconds(200);
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  server.take_held().reply.send(http::Response::bytes(200, "text/plain", Bytes(std::string(50'000'000, 'x'))));
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));
}

TEST(Limits, AClientThatTakesItsAnswerTooSlowly) {
  net::Limits limits;
  limits.write_stall_timeout = milliseconds(500);
  limits.min_body_bytes_per_second = 100'000'000;
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  constexpr std::size_t kAnswer = 50'000'000;
  server.take_held().reply.send(http::Response::bytes(200, "text/plain", Bytes(std::string(kAnswer, 'x'))));
  EXPECT_EQ(server.server().figures().connections, 1U);
  std::size_t taken = 0;
  std::vector<char> room(64UL * 1024);
  for (ssize_t got = 1; got > 0; taken += static_cast<std::size_t>(std::max<ssize_t>(got, 0))) {
    ::poll(nullptr, 0, 10);  // some 6 MB a second
    got = ::recv(wire.fd(), room.data(), room.size(), 0);
  }
  EXPECT_LT(taken, kAnswer);
}

TEST(Limits, AConnectionReadsNoFurtherRequestWhileAnswersWait) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold1") + get("/hold2")));
  auto first = server.take_held();
  auto second = server.take_held();
  second.reply.send(http::Response::bytes(200, "text/plain", Bytes(std::string(300'000, 'x'))));  // waits for the first
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.answer_bytes_in_memory >= 300'000; }));
  ASSERT_TRUE(wire.send(get("/later")));
  EXPECT_TRUE(wire.stays_silent(milliseconds(100)));
  EXPECT_EQ(server.seen().size(), 2U);
  first.reply.send(http::Response::empty(204));
  EXPECT_EQ(wire.read()->status, 204);
  EXPECT_EQ(wire.read()->body.size(), 300'000U);
  EXPECT_EQ(wire.read()->status, 200);
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.answer_bytes_in_memory == 0; }));
}

TEST(Limits, AnswerBytesInMemoryOfAllConnections) {
  net::Limits limits;
  limits.max_body_bytes_in_memory = 1'000'000;
  RunningServer server(with_limits(limits));
  auto slow = server.connect();
  ASSERT_TRUE(slow.send(get("/hold")));
  server.take_held().reply.send(http::Response::bytes(200, "text/plain", Bytes(std::string(50'000'000, 'x'))));
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.answer_bytes_in_memory > 1'000'000; }));
  auto other = server.connect();
  ASSERT_TRUE(other.send(get("/fine")));
  const auto refused = other.read();
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("retry-after"), "1");
  slow.reset();
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.answer_bytes_in_memory == 0; }));
  ASSERT_TRUE(other.send(get("/fine")));
  EXPECT_EQ(other.read()->status, 200);
}

TEST(Limits, AClientThatNeverReadsCannotMakeTheServerWorkOn) {
  RunningServer server;
  auto wire = server.connect();
  const auto request = post("/echo", std::string(1'000'000, 'x'));
  constexpr std::size_t kMost = 64U << 20;
  std::size_t sent = 0;
  while (sent < kMost && wire.takes_more(milliseconds(200))) {
    sent += wire.send_what_fits(std::string_view(request).substr(sent % request.size()));
  }
  EXPECT_LT(sent, kMost);
  EXPECT_LE(server.server().figures().body_bytes_in_memory, 18U * request.size());
}

TEST(Limits, LingerTimeout) {
  net::Limits limits;
  limits.linger_timeout = milliseconds(100);
  RunningServer server(with_limits(limits));
  auto wire = server.connect();
  ASSERT_TRUE(wire.send("nonsense\r\n"));
  EXPECT_EQ(wire.read()->status, 400);
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));
}

}  // namespace
}  // namespace berth::test
