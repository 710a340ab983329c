// SPDX-License-Identifier: Apache-2.0
// Routes of dialects that show a credential in their own way, behind the guard that such dialects share.
#include "dialects/own_guard.h"

#include "dialects/guarded_server.h"

namespace berth::test {
namespace {

using http::Access;

constexpr const char* kWrongKey = "berth_0000000000000000000000000000000000000000000";

class OwnGuard : public GuardedServer {
 protected:
  void SetUp() override {
    GuardedServer::SetUp();
    http::RoutingErrors errors;
    errors.refused = [](const Error& error, std::string_view) {
      return http::Response::text(error.code == Code::unauthenticated ? 401 : 403, error.message);
    };
    router_->set_errors("/own", std::move(errors));
    add_route(*router_, *gate_);
    key_ = key_of("ada", Role::user);
  }

  static void add_route(http::Router& router, identity::Gate& gate) {
    dialects::OwnRule rule{.credential = [](const http::Request& request) { return request.header("x-mine"); },
                           .nothing_shown = {Code::forbidden, "nothing shown"},
                           .not_good = {Code::unauthenticated, "not good"}};
    const auto answer = [](http::Request&& request, const http::PathParams&, http::Reply&& reply) {
      reply.send(http::Response::text(200, dialects::caller_of(request).name));
    };
    router.add({"POST", "/own/known", Access::known, answer, make_own_guard(gate, rule)});
    router.add({"POST", "/own/manage/{model}", Access::manage, answer, make_own_guard(gate, rule)});
    rule.deployment_name = "id";
    router.add({"POST", "/own/deployed/{id}", Access::known, answer, make_own_guard(gate, rule)});
  }

  // "200 ada"
  std::string say(const std::string& path, const std::string& shown, http::Pairs headers = {}) {
    if (!shown.empty()) headers.emplace_back("x-mine", shown);
    const auto response = call("POST", path, {.name = "local", .address = "127.0.0.1"}, std::move(headers));
    return std::to_string(response.status) + " " + std::string(response.body.view());
  }

  std::string key_;
};

TEST_F(OwnGuard, LooksForTheCredentialWhereTheDialectHasIt) {
  EXPECT_EQ(say("/own/known", key_), "200 ada");
  EXPECT_EQ(say("/own/known", *gate_->issue_token(*gate_->identify(key_, ""))), "200 ada");
  EXPECT_EQ(say("/own/known", ""), "403 nothing shown") << "also to programs on this machine";
  EXPECT_EQ(say("/own/known", "", {{"x-api-key", key_}}), "403 nothing shown");
  EXPECT_EQ(say("/own/known", kWrongKey), "401 not good");
  EXPECT_EQ(say("/own/known", "not a key"), "401 not good");
}

TEST_F(OwnGuard, AsksForTheRightsThatTheRouteNeeds) {
  EXPECT_EQ(say("/own/manage/m", key_), "403 the right to manage this model is needed");
  EXPECT_EQ(say("/own/manage/m", key_of("root", Role::admin)), "200 root");
  EXPECT_EQ(say("/own/manage/m", key_of("eve", Role::user, *Rights::parse(R"({"m":["manage"]})"))), "200 eve");
}

TEST_F(OwnGuard, LetsATokenIntoItsOwnDeploymentAlone) {
  const auto ada = *gate_->identify(key_, "");
  const auto token = *gate_->issue_token(ada, "one");
  EXPECT_EQ(say("/own/deployed/one", token), "200 ada");
  EXPECT_EQ(say("/own/deployed/two", token), "403 this token is for another deployment");
  EXPECT_EQ(say("/own/known", token), "403 this token is for a deployment alone");
  EXPECT_EQ(say("/own/deployed/one", key_), "403 this key or token is not for a deployment");
}

TEST_F(OwnGuard, CountsTheCallForItsSendersQuota) {
  const auto id = gate_->accounts().user("ada")->id;
  ASSERT_TRUE(AccountHouse::wait<identity::User>([&](auto done) {
    gate_->accounts().change_user(id, {.quota_json = R"({"requests_per_minute":1})"}, {.name = "root"}, done);
  }));
  const auto first = call("POST", "/own/known", {.name = "ada"}, {{"x-mine", key_}});
  EXPECT_EQ(header(first, "RateLimit-Remaining"), "0");
  const auto second = call("POST", "/own/known", {.name = "ada"}, {{"x-mine", key_}});
  EXPECT_EQ(second.status, 403);
  EXPECT_EQ(header(second, "RateLimit-Limit"), "1");
}

}  // namespace
}  // namespace berth::test
