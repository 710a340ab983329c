// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>
#include <string>

#include "net/running_server.h"
#include "net/wire.h"

namespace berth::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool accepts(std::uint16_t port) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

TEST(Drain, ReturnsAtOnceWhenNothingHappens) {
  RunningServer server;
  auto idle = server.connect();
  ASSERT_TRUE(idle.send(get("/fine")));
  EXPECT_EQ(idle.read()->status, 200);
  const auto start = std::chrono::steady_clock::now();
  server.server().drain(seconds(60));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(30));
  EXPECT_TRUE(idle.ends());
  EXPECT_FALSE(accepts(server.port()));
}

TEST(Drain, LetsRequestsInFlightFinish) {
  RunningServer server;
  auto one = server.connect();
  ASSERT_TRUE(one.send(get("/hold1") + get("/hold2")));
  auto first = server.take_held();
  auto second = server.take_held();
  auto uploading = server.connect();
  ASSERT_TRUE(uploading.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello"));
  auto idle = server.connect();
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 3; }));

  auto drained = std::async(std::launch::async, [&] { server.server().drain(seconds(60)); });
  EXPECT_TRUE(idle.ends());  // the drain has begun
  EXPECT_FALSE(accepts(server.port()));
  first.reply.send(http::Response::text(200, "one"));
  second.reply.send(http::Response::text(200, "two"));
  const auto answer_one = one.read();
  const auto answer_two = one.read();
  EXPECT_EQ(answer_one->body, "one");
  EXPECT_EQ(answer_one->header("connection"), "");
  EXPECT_EQ(answer_two->body, "two");
  EXPECT_EQ(answer_two->header("connection"), "close");
  EXPECT_TRUE(one.ends());
  ASSERT_TRUE(uploading.send("world"));
  const auto uploaded = uploading.read();
  EXPECT_EQ(uploaded->body, "helloworld");
  EXPECT_EQ(uploaded->header("connection"), "close");
  one.shutdown_write();
  uploading.shutdown_write();
  EXPECT_EQ(drained.wait_for(Wire::kPatience), std::future_status::ready);
}

TEST(Drain, ClosesAConnectionWhoseAnswerWasUnderWayWhenItBegan) {
  RunningServer server;
  auto slow = server.connect();
  ASSERT_TRUE(slow.send(get("/hold")));
  const std::string body(50'000'000, 'x');
  server.take_held().reply.send(http::Response::bytes(200, "text/plain", Bytes(std::string(body))));
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.requests_in_flight == 0; }));
  auto idle = server.connect();
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 2; }));

  auto drained = std::async(std::launch::async, [&] { server.server().drain(seconds(60)); });
  EXPECT_TRUE(idle.ends());  // the drain has begun
  const auto answer = slow.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), body.size());
  EXPECT_TRUE(slow.ends());
  slow.shutdown_write();
  EXPECT_EQ(drained.wait_for(Wire::kPatience), std::future_status::ready);
}

TEST(Drain, WaitsForARequestWhoseClientHasLeft) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  auto held = server.take_held();
  wire.reset();
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));
  auto drained = std::async(std::launch::async, [&] { server.server().drain(seconds(60)); });
  EXPECT_EQ(drained.wait_for(milliseconds(100)), std::future_status::timeout);
  held.reply.send(http::Response::empty(204));
  EXPECT_EQ(drained.wait_for(Wire::kPatience), std::future_status::ready);
}

TEST(Drain, ClosesWhatIsLeftAfterTheGrace) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  auto held = server.take_held();
  server.server().drain(milliseconds(50));
  EXPECT_TRUE(wire.ends());
  held.reply.send(http::Response::text(200, "too late"));
}

TEST(Drain, FreesThePortForTheNextServer) {
  auto first = std::make_unique<RunningServer>();
  const auto port = first->port();
  first->server().drain(seconds(1));
  net::Options options;
  options.port = port;
  const auto second = net::Server::create(options);
  EXPECT_TRUE((*second)->start([](auto&&, auto&&) {}));
}

}  // namespace
}  // namespace berth::test
