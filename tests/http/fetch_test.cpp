// SPDX-License-Identifier: Apache-2.0
#include "http/fetch.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "fetch_calls.h"
#include "local_server.h"

namespace berth::http {
namespace {

using namespace std::chrono_literals;

TEST(Fetcher, GetsAFileFromAnAllowedAddress) {
  const LocalServer server([](const auto& peer) { peer.send(ok("bytes", "Content-Type: image/png\r\n")); });
  const auto file = fetch(server.url("/dir/a%20b.png?x=1"), {.rules = {.allow = {server.address()}}});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes.view(), "bytes");
  EXPECT_EQ(file->content_type, "image/png");
  EXPECT_EQ(file->file_name, "a b.png");
}

TEST(Fetcher, NeverConnectsToAnAddressInside) {
  const LocalServer server([](const auto& peer) { peer.send(ok("secret")); });
  const auto port = std::string(":").append(std::to_string(server.port())).append("/");
  for (const auto* host : {"127.0.0.1",       "localhost",     "2130706433",
                           "017700000001",    "0x7f000001",    "0x7f.1",
                           "127.1",           "0177.0.0.1",    "0",
                           "0.0.0.0",         "[::1]",         "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
                           "[2002:7f00:1::]", "10.0.0.1",      "169.254.169.254",
                           "192.168.1.1",     "100.64.0.1"}) {
    expect_error(fetch(std::string("http://") + host + port, {.connect_timeout = 2s, .total_timeout = 2s}),
                 Code::forbidden, "address");
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(Fetcher, UsesNoProxyOfTheEnvironment) {
  const LocalServer proxy([](const auto& peer) { peer.send(ok("by proxy")); });
  ::setenv("http_proxy", proxy.url("").c_str(), 1);
  ::setenv("all_proxy", proxy.url("").c_str(), 1);
  expect_error(fetch("http://10.0.0.1/", {}), Code::forbidden, "private");
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(Fetcher, ChecksEveryHopOfARedirect) {
  const LocalServer inside([](const auto& peer) { peer.send(ok("secret")); });
  const LocalServer server([&](const auto& peer) {
    if (peer.path == "/file") peer.send(redirect("file:///etc/passwd"));
    if (peer.path == "/user") peer.send(redirect(std::string("http://u:p@").append(inside.address()).append("/")));
    if (peer.path == "/inside") peer.send(redirect(inside.url("/")));
    if (peer.path == "/relative") peer.send(redirect("/end"));
    if (peer.path == "/end") peer.send(ok("end"));
  });
  const FetchOptions options{.rules = {.allow = {server.address()}}};
  expect_error(fetch(server.url("/inside"), options), Code::forbidden, "loopback");
  expect_error(fetch(server.url("/file"), options), Code::forbidden, "http and https");
  expect_error(fetch(server.url("/user"), options), Code::forbidden, "credentials");
  EXPECT_EQ(inside.connections(), 0);
  const auto followed = fetch(server.url("/relative"), options);
  ASSERT_TRUE(followed) << followed.error().message;
  EXPECT_EQ(followed->bytes.view(), "end");
  EXPECT_EQ(followed->file_name, "end");
}

TEST(Fetcher, GivesUpARedirectThatGoesOn) {
  std::atomic<int> requests = 0;
  const LocalServer server([&](const auto& peer) {
    ++requests;
    peer.send("HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: /again\r\n\r\n");
  });
  expect_error(fetch(server.url("/"), {.rules = {.allow = {server.address()}}}), Code::forbidden, "redirects");
  EXPECT_EQ(requests, 4);
}

TEST(Fetcher, RefusesATooLargeFileWhetherItSaysSoOrNot) {
  std::atomic<int> cut_off = 0;
  const LocalServer server([&](const auto& peer) {
    if (peer.path == "/announced") peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n");
    if (peer.path == "/endless") {
      peer.send("HTTP/1.1 200 OK\r\n\r\n");
      while (peer.send(std::string(65536, 'x'))) {
      }
      ++cut_off;
    }
    if (peer.path == "/fits") peer.send(ok(std::string(1'000'000, 'x')));
  });
  const FetchOptions options{.rules = {.allow = {server.address()}}, .max_bytes = 1'000'000};
  expect_error(fetch(server.url("/announced"), options), Code::too_large, "larger");
  expect_error(fetch(server.url("/endless"), options), Code::too_large, "larger");
  EXPECT_EQ(fetch(server.url("/fits"), options)->bytes.size(), 1'000'000u);
}

TEST(Fetcher, GivesUpAHeaderWithoutEnd) {
  const LocalServer server([](const auto& peer) {
    peer.send("HTTP/1.1 200 OK\r\n");
    while (peer.send(std::string("X-Filler: ").append(1000, 'x').append("\r\n"))) {
    }
  });
  expect_error(fetch(server.url("/"), {.rules = {.allow = {server.address()}}}), Code::unavailable, "header");
}

TEST(Fetcher, GivesUpABodyThatDoesNotCome) {
  const LocalServer server([](const auto& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
    peer.wait_for_close();
  });
  expect_error(fetch(server.url("/"), {.rules = {.allow = {server.address()}}, .total_timeout = 300ms}), Code::timeout,
               "in time");
  expect_error(fetch(server.url("/"), {.rules = {.allow = {server.address()}}, .low_speed_time = 1s}), Code::timeout,
               "in time");
}

TEST(Fetcher, ReportsOtherFailuresOfTheServer) {
  const LocalServer server([](const auto& peer) {
    if (peer.path == "/missing") peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    if (peer.path == "/cut") peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
  });
  const FetchOptions options{.rules = {.allow = {server.address(), "127.0.0.1:1"}}};
  expect_error(fetch(server.url("/missing"), options), Code::unavailable, "404");
  expect_error(fetch(server.url("/cut"), options), Code::unavailable, "127.0.0.1");
  expect_error(fetch("http://127.0.0.1:1/", options), Code::unavailable, "127.0.0.1");
  expect_error(fetch("nothing", options), Code::invalid_argument, "");
}

TEST(Fetcher, BoundsWhatRunsAndWaits) {
  const LocalServer server([](const auto& peer) { peer.wait_for_close(); });
  auto fetcher = make({.rules = {.allow = {server.address()}}, .max_at_once = 1, .max_queue = 1});
  auto running = start(*fetcher, server.url("/1"));
  auto waiting = start(*fetcher, server.url("/2"));
  const auto refused = start(*fetcher, server.url("/3")).get();
  expect_error(refused, Code::busy, "too many");
  EXPECT_TRUE(refused.error().retry_after);
  fetcher.reset();
  expect_error(running.get(), Code::cancelled, "");
  expect_error(waiting.get(), Code::cancelled, "");
}

TEST(Fetcher, SurvivesACallbackThatThrows) {
  auto fetcher = make({.max_at_once = 1});
  fetcher->fetch("nothing", [](Result<FetchedFile>) { throw 1; });
  expect_error(start(*fetcher, "nothing").get(), Code::invalid_argument, "");
}

TEST(Fetcher, IsNotMadeWithABadAllowList) {
  EXPECT_EQ(Fetcher::create({.rules = {.allow = {"a b"}}}).error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace berth::http
