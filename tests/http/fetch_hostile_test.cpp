// SPDX-License-Identifier: Apache-2.0
// Fetching from servers, and by URLs, that mean no good: every request that is made, or not, is seen on a real socket.
#include <poll.h>

#include <atomic>
#include <mutex>

#include "fetch_calls.h"
#include "local_server.h"

namespace berth::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

FetchOptions allowing(const LocalServer& server) { return {.rules = {.allow = {server.address()}}}; }

// A server that keeps the headers of its requests.
class Listener {
 public:
  explicit Listener(std::function<std::string(const LocalServer::Peer&)> answer)
      : server([this, answer = std::move(answer)](const auto& peer) {
          {
            const std::scoped_lock lock(mutex_);
            headers_.push_back(peer.header);
          }
          peer.send(answer(peer));
        }) {}

  std::vector<std::string> headers() const {
    const std::scoped_lock lock(mutex_);
    return headers_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> headers_;

 public:
  const LocalServer server;
};

// Sends a byte now and then until the other side has had enough.
void trickle(const LocalServer::Peer& peer, std::string_view bytes) {
  pollfd watched{.fd = peer.fd, .events = POLLIN, .revents = 0};
  for (std::size_t i = 0; ::poll(&watched, 1, 20) == 0 && peer.send(bytes.substr(i % bytes.size(), 1)); ++i) {
  }
}

TEST(FetchHostile, OtherSchemesAreNotSpokenEvenWhereTheServerIsAllowed) {
  const LocalServer server([](const auto& peer) { peer.send(ok("secret")); });
  for (const auto* scheme : {"gopher", "ftp", "ftps", "dict", "telnet", "ldap", "smb", "tftp", "imap", "ws", "scp"}) {
    expect_error(fetch(std::string(scheme).append("://").append(server.address()).append("/_x"), allowing(server)),
                 Code::forbidden, "http and https");
  }
  for (const auto* url : {"file:///etc/passwd", "file://localhost/etc/passwd", "FILE:/etc/passwd"}) {
    expect_error(fetch(url, allowing(server)), Code::forbidden, "http and https");
  }
  for (const auto* url : {"data:text/plain,x", "javascript:alert(1)", "//127.0.0.1/", "127.0.0.1"}) {
    EXPECT_FALSE(fetch(url, allowing(server))) << url;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(FetchHostile, RedirectsToOtherSchemesAndWritingsOfTheInsideAreRefused) {
  const LocalServer inside([](const auto& peer) { peer.send(ok("secret")); });
  const auto port = std::string(":").append(std::to_string(inside.port())).append("/");
  std::string target;
  const LocalServer server([&](const auto& peer) { peer.send(redirect(target)); });
  for (const auto& url : {std::string("file:///etc/passwd"), std::string("gopher://127.0.0.1") + port,
                          std::string("ftp://127.0.0.1") + port, std::string("dict://127.0.0.1") + port}) {
    target = url;
    expect_error(fetch(server.url("/"), allowing(server)), Code::forbidden, "http and https");
  }
  for (const auto* host :
       {"127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"}) {
    for (const auto* scheme : {"http://", "https://", "//"}) {
      target = std::string(scheme).append(host).append(port);
      expect_error(fetch(server.url("/"), allowing(server)), Code::forbidden, "address");
    }
  }
  for (const auto* user : {"user@", "user:password@", ":password@", "@"}) {
    target = std::string("http://").append(user).append(server.address()).append("/");
    expect_error(fetch(server.url("/"), allowing(server)), Code::forbidden, "credentials");
  }
  EXPECT_EQ(inside.connections(), 0);
}

TEST(FetchHostile, AChainOfRedirectsIsFollowedAsFarAsIsSaidAndNoFurther) {
  const LocalServer server([](const auto& peer) {
    const auto left = std::stoi(peer.path.substr(1));
    peer.send(left == 0 ? ok("end") : redirect(std::string("/").append(std::to_string(left - 1))));
  });
  for (std::size_t max = 0; max <= 3; ++max) {
    auto options = allowing(server);
    options.max_redirects = max;
    EXPECT_TRUE(fetch(server.url(std::string("/").append(std::to_string(max))), options)) << max;
    expect_error(fetch(server.url(std::string("/").append(std::to_string(max + 1))), options), Code::forbidden,
                 "redirects");
  }
}

// No IPv6 listener where the machine has none; the refusals are the same.
TEST(FetchHostile, NoFormOfIpv6ReachesTheInside) {
  const auto answer = [](const auto& peer) { peer.send(ok("secret")); };
  const LocalServer v4(answer);
  std::unique_ptr<LocalServer> v6;
  try {
    v6 = std::make_unique<LocalServer>(answer, "::1", v4.port());
  } catch (const std::runtime_error&) {  // no IPv6 here
  }
  const auto port = std::string(":").append(std::to_string(v4.port())).append("/");
  for (const auto* host : {"[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
                           "[::FFFF:127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
                           "[2002:7f00:1::]", "[fe80::1]", "[fec0::1]", "[fd00::1]", "[ff02::1]"}) {
    expect_error(fetch(std::string("http://").append(host).append(port), {.connect_timeout = 5s}), Code::forbidden,
                 "address");
  }
  for (const auto* host : {"[fe80::1%25lo]", "[fe80::1%lo]", "[::1%25lo]", "[::1%251]", "[::1", "[127.0.0.1]", "::1"}) {
    expect_error(fetch(std::string("http://").append(host).append(port), {}), Code::invalid_argument, "");
  }
  EXPECT_EQ(v4.connections() + (v6 ? v6->connections() : 0), 0);
  if (v6) {
    EXPECT_TRUE(fetch(v6->url("/"), allowing(*v6))) << "it is reached where it is allowed";
  }
}

TEST(FetchHostile, LineBreaksInAUrlBecomeNoHeaders) {
  const Listener listener([](const auto&) { return ok("x"); });
  const auto& server = listener.server;
  for (const auto* path : {"/\r\nX-Smuggled: y", "/\nX-Smuggled: y", "/ HTTP/1.1\r\nX-Smuggled: y", "/a\tb", "/\x7f"}) {
    expect_error(fetch(server.url(path), allowing(server)), Code::invalid_argument, "control characters");
  }
  expect_error(fetch(server.url(std::string("/a\0b", 4)), allowing(server)), Code::invalid_argument, "control");
  for (const auto* host : {"127.0.0.1%0d%0aX-Smuggled:%20y", "127.0.0.1%00.example.org", "127.0.0.1%20x"}) {
    EXPECT_FALSE(fetch(std::string("http://").append(host).append("/"), allowing(server))) << host;
  }
  EXPECT_EQ(server.connections(), 0);
  ASSERT_TRUE(fetch(server.url("/a%0d%0aX-Smuggled:%20y?b=%0AX-Smuggled:z"), allowing(server)));
  EXPECT_THAT(listener.headers().at(0), HasSubstr("GET /a%0d%0aX-Smuggled:%20y?b=%0AX-Smuggled:z HTTP/1.1\r\n"));
}

TEST(FetchHostile, LineBreaksInALocationBecomeNoHeaders) {
  std::string location;
  const Listener listener([&](const auto& peer) { return peer.path == "/first" ? redirect(location) : ok("x"); });
  const auto& server = listener.server;
  for (const auto* target : {"/a%0d%0aX-Smuggled:%20y", "/a\rX-Smuggled: y", "/a\tX-Smuggled: y", "/a X-Smuggled: y"}) {
    location = target;
    (void)fetch(server.url("/first"), allowing(server));
  }
  for (const auto& header : listener.headers()) {
    EXPECT_THAT(header, Not(HasSubstr("\nX-Smuggled")));
    EXPECT_THAT(header, Not(HasSubstr("\rX-Smuggled")));
  }
}

TEST(FetchHostile, NothingOfOneHopIsToldToTheNext) {
  const Listener second([](const auto&) { return ok("x"); });
  const Listener first([&](const auto&) {
    return "HTTP/1.1 302 Found\r\nSet-Cookie: a=b; Domain=127.0.0.1\r\nContent-Length: 0\r\nLocation: " +
           second.server.url("/") + "\r\n\r\n";
  });
  ASSERT_TRUE(
      fetch(first.server.url("/?secret"), {.rules = {.allow = {first.server.address(), second.server.address()}}}));
  const auto headers = second.headers().at(0) + first.headers().at(0);
  for (const auto* name : {"Cookie:", "Referer:", "Authorization:", "Proxy-"})
    EXPECT_THAT(headers, Not(HasSubstr(name)));
  EXPECT_THAT(second.headers().at(0), Not(HasSubstr("secret")));
}

TEST(FetchHostile, ABodyLargerThanAnnouncedIsCutWhereItWasToEnd) {
  const LocalServer server([](const auto& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
    while (peer.send(std::string(65536, 'x'))) {
    }
  });
  const auto file = fetch(server.url("/"), allowing(server));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes.view(), "first");
}

TEST(FetchHostile, ABodyShorterThanAnnouncedIsNoFile) {
  const LocalServer server([](const auto& peer) {
    peer.send(peer.path == "/chunks" ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
                                     : "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
  });
  expect_error(fetch(server.url("/"), allowing(server)), Code::unavailable, "");
  expect_error(fetch(server.url("/chunks"), allowing(server)), Code::unavailable, "");
}

TEST(FetchHostile, AnEndlessBodyIsCutHoweverItComes) {
  const LocalServer server([](const auto& peer) {
    const bool chunked = peer.path == "/chunks";
    peer.send(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n");
    const std::string bytes(0x1000, 'x');
    while (peer.send(chunked ? std::string("1000\r\n").append(bytes).append("\r\n") : bytes)) {
    }
  });
  auto options = allowing(server);
  options.max_bytes = 100'000;
  expect_error(fetch(server.url("/"), options), Code::too_large, "larger than 100000 bytes");
  expect_error(fetch(server.url("/chunks"), options), Code::too_large, "larger than 100000 bytes");
}

TEST(FetchHostile, SmallBodiesThatWouldUnpackToLargeOnesAreNotUnpacked) {
  const Listener listener([](const auto&) { return ok("\x1f\x8b packed", "Content-Encoding: gzip\r\n"); });
  const auto file = fetch(listener.server.url("/"), allowing(listener.server));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes.view(), "\x1f\x8b packed");
  EXPECT_THAT(listener.headers().at(0), Not(HasSubstr("Accept-Encoding")));
}

TEST(FetchHostile, WhatTricklesInIsGivenUp) {
  const LocalServer server([](const auto& peer) {
    if (peer.path == "/header") return trickle(peer, "HTTP/1.1 200 OK\r\nX-Filler: " + std::string(100'000, 'x'));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    trickle(peer, "x");
  });
  auto by_time = allowing(server);
  by_time.total_timeout = 500ms;
  auto by_speed = allowing(server);
  by_speed.total_timeout = 300s;
  by_speed.low_speed_time = 1s;
  for (const auto* path : {"/header", "/body"}) {
    expect_error(fetch(server.url(path), by_time), Code::timeout, "in time");
    expect_error(fetch(server.url(path), by_speed), Code::timeout, "in time");
  }
}

TEST(FetchHostile, TheTimeIsForAllHopsTogether) {
  const LocalServer server([](const auto& peer) {
    if (peer.path == "/end") return peer.wait_for_close();
    peer.send(redirect("/end"));
  });
  auto options = allowing(server);
  options.total_timeout = 500ms;
  const auto begin = std::chrono::steady_clock::now();
  expect_error(fetch(server.url("/"), options), Code::timeout, "in time");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 400ms);
}

TEST(FetchHostile, AnswersThatAreNoHttpAreNoFiles) {
  const LocalServer server([](const auto& peer) { peer.send("SSH-2.0-OpenSSH_9.2\r\nsecret\r\n"); });
  expect_error(fetch(server.url("/"), allowing(server)), Code::unavailable, "does not answer in HTTP");
}

}  // namespace
}  // namespace berth::http
