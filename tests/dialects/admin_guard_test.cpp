// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_guard.h"

#include <gmock/gmock.h>

#include "dialects/fixture.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

class AdminGuard : public DialectTest {
 protected:
  http::Request request(const std::string& host) {
    http::Request request;
    request.method = "GET";
    request.target = request.path = "/v2/berth/models";
    request.peer = "127.0.0.1";
    request.id = "r";
    request.headers.emplace_back("host", host);
    return request;
  }
  void open_to(dialects::AdminAccess access) {
    router_ = std::make_unique<http::Router>("");
    dialects::add_admin(*router_, service_, std::move(access));
  }
};

TEST_F(AdminGuard, LetsThisMachineInByAddressAndAsLocalhost) {
  open();
  for (const auto* host : {"127.0.0.1", "127.0.0.1:5000", "[::1]", "[::1]:5000", "localhost", "LocalHost:80",
                           "localhost.", "192.0.2.7:5000"}) {
    EXPECT_EQ(ask(request(host)).status, 200) << host;
  }
  auto mapped = request("localhost");
  mapped.peer = "::ffff:127.0.0.1";
  EXPECT_EQ(ask(std::move(mapped)).status, 200);
}

TEST_F(AdminGuard, RefusesANameThatALoopbackConnectionWasReboundFrom) {
  open();
  for (const auto* host : {"evil.example", "evil.example:5000", "localhost.evil.example", "127.0.0.1.evil.example",
                           "localhost@evil.example", "127.1", "[evil.example]", ""}) {
    const auto refused = ask(request(host));
    EXPECT_EQ(refused.status, 403) << host;
    EXPECT_THAT(std::string(refused.body.view()), HasSubstr("admin.allowed_hosts")) << host;
    EXPECT_EQ(json::view(body_of(refused)["request_id"]), "r");
  }
  auto without = request("");
  without.headers.clear();
  EXPECT_EQ(ask(std::move(without)).status, 403);
}

TEST_F(AdminGuard, RefusesWhatAPageOfAnotherSiteSends) {
  open();
  for (const auto* origin : {"http://evil.example", "https://evil.example:5000", "null", "http://localhost",
                             "http://localhost:5000.evil.example", ""}) {
    auto forged = request("localhost:5000");
    forged.headers.emplace_back("origin", origin);
    const auto refused = ask(std::move(forged));
    EXPECT_EQ(refused.status, 403) << origin;
    EXPECT_THAT(std::string(refused.body.view()), HasSubstr("page of another site"));
  }
  for (const auto* origin : {"http://localhost:5000", "https://LocalHost:5000"}) {
    auto own = request("localhost:5000");
    own.headers.emplace_back("origin", origin);
    EXPECT_EQ(ask(std::move(own)).status, 200) << origin;
  }
}

TEST_F(AdminGuard, LetsTheOperatorsOwnNamesIn) {
  open_to({.allowed_hosts = {"GPU1.lab.example"}});
  EXPECT_EQ(ask(request("gpu1.LAB.example:5000")).status, 200);
  EXPECT_EQ(ask(request("gpu2.lab.example")).status, 403);
}

TEST_F(AdminGuard, RefusesWhatAProxyPassedOnUnlessTheOperatorAllowsIt) {
  for (const auto* name : {"x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip", "via"}) {
    auto passed_on = request("localhost");
    passed_on.headers.emplace_back(name, "127.0.0.1");
    open();
    const auto refused = ask(passed_on);
    EXPECT_EQ(refused.status, 403) << name;
    EXPECT_THAT(std::string(refused.body.view()), HasSubstr("admin.allow_forwarded"));
    open_to({.allow_forwarded = true});
    EXPECT_EQ(ask(passed_on).status, 200) << name;
  }
}

TEST_F(AdminGuard, GoesByTheClientThatATrustedProxyNames) {
  const auto through = [this](const std::string& proxy, const std::string& client) {
    auto passed_on = request("berth.internal");
    passed_on.headers.emplace_back("x-forwarded-for", client);
    passed_on.proxy = proxy;
    passed_on.peer = client;
    passed_on.forwarded_host = "localhost";
    return passed_on;
  };
  for (const bool allow_forwarded : {false, true}) {
    open_to({.allow_forwarded = allow_forwarded});
    EXPECT_EQ(ask(through("127.0.0.1", "127.0.0.1")).status, 200);
    EXPECT_EQ(ask(through("127.0.0.1", "203.0.113.9")).status, 403);
    EXPECT_EQ(ask(through("10.0.0.2", "127.0.0.1")).status, 403) << "the loopback of the proxy's machine";
    auto rebound = through("127.0.0.1", "127.0.0.1");
    rebound.forwarded_host = "evil.example";
    EXPECT_EQ(ask(std::move(rebound)).status, 403);
  }
}

TEST_F(AdminGuard, GoesByTheSchemeAndHostThatATrustedProxyNames) {
  open();
  auto own = request("berth.internal");
  own.proxy = "127.0.0.1";
  own.scheme = "https";
  own.forwarded_host = "localhost:8443";
  own.headers.emplace_back("origin", "https://localhost:8443");
  EXPECT_EQ(ask(own).status, 200);
  own.headers.back().second = "http://localhost:8443";
  EXPECT_EQ(ask(own).status, 403);
}

TEST_F(AdminGuard, LetsNobodyInFromElsewhere) {
  open_to({.allowed_hosts = {"gpu1"}, .allow_forwarded = true});
  for (const auto* host : {"localhost", "127.0.0.1", "gpu1"}) {
    auto other = request(host);
    other.peer = "192.0.2.1";
    EXPECT_EQ(ask(std::move(other)).status, 403) << host;
  }
}

}  // namespace
}  // namespace berth::test
