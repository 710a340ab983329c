// SPDX-License-Identifier: Apache-2.0
// Replies that come late: from other threads, for clients that have left, after the server has gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "net/running_server.h"
#include "net/wire.h"

namespace berth::test {
namespace {

TEST(Reply, FromAnotherThreadReachesItsConnection) {
  RunningServer server;
  auto wire = server.connect();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(wire.send(get("/hold")));
    const std::jthread other(
        [held = server.take_held()]() mutable { held.reply.send(http::Response::text(200, "later")); });
    EXPECT_EQ(wire.read()->body, "later");
  }
}

TEST(Reply, ToAClientThatHasLeftIsDropped) {
  RunningServer server;
  {
    auto wire = server.connect();
    ASSERT_TRUE(wire.send(get("/hold")));
    ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.requests_in_flight == 1; }));
    wire.reset();
  }
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));
  server.take_held().reply.send(http::Response::text(200, "nobody"));
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.requests_in_flight == 0; }));
  auto next = server.connect();
  ASSERT_TRUE(next.send(get("/fine")));
  EXPECT_EQ(next.read()->body, "GET /fine");
}

// The descriptor of a client that left is given to the next one; the old reply must not follow it there.
TEST(Reply, NeverReachesAnotherClientThroughAReusedDescriptor) {
  RunningServer server;
  for (int round = 0; round < 50; ++round) {
    auto leaving = server.connect();
    ASSERT_TRUE(leaving.send(get("/hold/old")));
    auto old = server.take_held();
    leaving.reset();
    ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));

    auto coming = server.connect();
    ASSERT_TRUE(coming.send(get("/hold/new")));
    auto fresh = server.take_held();
    old.reply.send(http::Response::text(200, "for the old client"));
    fresh.reply.send(http::Response::text(200, "for the new client"));
    EXPECT_EQ(coming.read()->body, "for the new client");
    coming.reset();
    ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));
  }
}

TEST(Reply, MayComeAfterTheServerHasGone) {
  auto server = std::make_unique<RunningServer>();
  auto wire = server->connect();
  ASSERT_TRUE(wire.send(get("/hold")));
  auto held = server->take_held();
  server->stop();
  held.reply.send(http::Response::text(200, "late"));
  std::string rest;
  EXPECT_TRUE(wire.read_to_end(rest));
  EXPECT_EQ(rest, "");
}

TEST(Reply, FromManyThreadsWhileClientsComeAndGoReachesOnlyItsOwn) {
  net::Options options;
  options.io_threads = 2;
  RunningServer server(options);
  constexpr std::size_t kClients = 8;
  constexpr std::size_t kRounds = 60;
  std::jthread answering([&] {
    for (std::size_t i = 0; i < kClients * kRounds; ++i) {
      auto held = server.take_held();
      held.reply.send(http::Response::text(200, held.request.path));
    }
  });
  std::vector<std::jthread> clients;
  for (std::size_t c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      for (std::size_t round = 0; round < kRounds; ++round) {
        const auto path = "/hold/" + std::to_string(c) + "/" + std::to_string(round);
        auto wire = server.connect();
        ASSERT_TRUE(wire.send(get(path)));
        if (round % 3 == 0) {
          wire.reset();
          continue;
        }
        const auto response = wire.read();
        ASSERT_TRUE(response);
        EXPECT_EQ(response->body, path);
      }
    });
  }
  for (auto& client : clients) client.join();
  // A client that resets at once may take its unread request with it; the answering thread counts on all of them.
  ASSERT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));
  for (auto seen = server.seen().size(); seen < kClients * kRounds; ++seen) {
    auto wire = server.connect();
    ASSERT_TRUE(wire.send(get("/hold/rest")));
    EXPECT_EQ(wire.read()->body, "/hold/rest");
  }
}

}  // namespace
}  // namespace berth::test
