// SPDX-License-Identifier: Apache-2.0
// Who may use which route: every role at every route that the server has, by what the route says of itself.
#include "dialects/access_guard.h"

#include <map>
#include <set>

#include "base/text.h"
#include "dialects/guarded_server.h"

namespace berth::test {
namespace {

using http::Access;
using testing::HasSubstr;
using AccessGuard = GuardedServer;

TEST_F(AccessGuard, LetsEachRoleUseTheRoutesThatSaySoAndNoOther) {
  const std::vector<Somebody> all{
      {.name = "stranger", .key = ""},
      {.name = "wrong key", .key = "berth_0000000000000000000000000000000000000000000"},
      {.name = "local", .key = "", .address = "127.0.0.1"},
      {.name = "viewer", .key = key_of("viewer", Role::viewer)},
      {.name = "user", .key = key_of("user", Role::user)},
      {.name = "manager",
       .key = key_of("manager", Role::user, Rights::on_all({Right::predict, Right::train, Right::manage}))},
      {.name = "narrow admin", .key = key_of("narrow", Role::admin, {}, Rights::on_all({Right::predict}))},
      {.name = "admin", .key = key_of("admin", Role::admin)},
  };
  const std::map<Access, std::set<std::string>> may{
      {Access::open, {"stranger", "wrong key", "local", "viewer", "user", "manager", "narrow admin", "admin"}},
      {Access::caller, {"local", "viewer", "user", "manager", "narrow admin", "admin"}},
      {Access::known, {"viewer", "user", "manager", "narrow admin", "admin"}},
      {Access::watch, {"viewer", "narrow admin", "admin"}},
      {Access::manage, {"manager", "admin"}},
      {Access::admin, {"admin"}},
  };
  // Routes that ask, once inside, what somebody may do with the model.
  const auto asks_further = [](const http::Route& route) {
    return route.access == Access::caller && route.method != "GET" && route.pattern != "/v2/repository/index";
  };
  // Open to all, and asked of a credential in the request whether it is good: here it is not, whoever sends it.
  const std::set<std::string> judges{"/token", "/token_status/{token}"};
  // Routes of dialects with a guard of their own, inside which somebody is asked for more.
  const auto asks_for_predict = [](const http::Route& route) { return route.pattern == "/classifier/predictions"; };
  const auto table = router_->table();
  ASSERT_GT(table.size(), 30U);
  for (const auto& route : table) {
    for (const auto& who : all) {
      SCOPED_TRACE(route.method + " " + route.pattern + " by " + who.name);
      if (route.access == Access::open && judges.contains(route.pattern)) {
        const auto answer = call(route.method, route.pattern, who);
        EXPECT_EQ(answer.status, 401);
        EXPECT_TRUE(body_of(answer).HasMember("message")) << "is the route's own answer";
        continue;
      }
      if (route.pattern.starts_with("/api/deployment/")) {
        EXPECT_FALSE(gets_in(route.method, route.pattern, who)) << "a deployment's token opens it, and nothing else";
        continue;
      }
      const bool expected = may.at(route.access).contains(who.name);
      if (expected && (asks_further(route) || asks_for_predict(route)) && who.name != "admin" && who.name != "manager")
        continue;
      EXPECT_EQ(gets_in(route.method, route.pattern, who), expected);
    }
  }
}

TEST_F(AccessGuard, PutsWhatIsDoneToModelsIntoTheAuditLog) {
  const Somebody admin{.name = "admin", .key = key_of("admin", Role::admin)};
  EXPECT_EQ(call("POST", "/v2/repository/models/m/load", admin).status, 200);
  EXPECT_EQ(call("POST", "/v2/repository/models/m/load", {.name = "stranger"}).status, 401);
  EXPECT_EQ(call("GET", "/v2/berth/models/m/rollout", admin).status, 200);
  EXPECT_GE(call("PATCH", "/v2/berth/models/nobody/rollout", admin).status, 400);
  key_of("later", Role::user);  // is written after them
  const auto entries =
      AccountHouse::wait<std::vector<store::AuditEntry>>([&](auto done) { gate_->accounts().read_audit(0, 10, done); });
  ASSERT_TRUE(entries);
  std::vector<std::string> changes;
  for (const auto& entry : *entries) {
    if (entry.action == "model.change") changes.push_back(entry.actor + " " + entry.target + " " + entry.detail_json);
  }
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_THAT(changes[0], HasSubstr(R"(model nobody {"request":"PATCH /v2/berth/models/nobody/rollout","status":4)"));
  EXPECT_EQ(changes[1], R"(admin key 1 model m {"request":"POST /v2/repository/models/m/load","status":200})");
}

TEST_F(AccessGuard, AsksOfAModelWhatItsCallerMayDoWithIt) {
  const std::string predict = "/v2/models/{model}/predict/", train = "/v2/models/{model}/train/";
  const Somebody viewer{.name = "v", .key = key_of("viewer", Role::viewer)};
  const Somebody user{.name = "u", .key = key_of("user", Role::user)};
  const Somebody other{.name = "o", .key = key_of("other", Role::user, *Rights::parse(R"({"n":["predict"]})"))};
  const Somebody local{.name = "l", .address = "127.0.0.1"};
  EXPECT_EQ(call("POST", predict, viewer).status, 403);
  EXPECT_EQ(call("POST", predict, other).status, 403);
  EXPECT_NE(call("POST", predict, user).status, 403);
  EXPECT_NE(call("POST", predict, local).status, 403);
  EXPECT_EQ(call("POST", train, user).status, 403);
  EXPECT_EQ(call("POST", train, local).status, 501) << "may be trained by anybody here, but it has no train";
}

TEST_F(AccessGuard, RefusesInTheWordsOfEachLanguage) {
  const Somebody stranger{.name = "s"};
  const auto v2 = call("GET", "/v2/models/", stranger);
  EXPECT_EQ(v2.status, 401);
  EXPECT_EQ(header(v2, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(json::view(body_of(v2)["message"]), "a key or token is needed");
  const auto v1 = call("GET", "/models/", stranger);
  EXPECT_EQ(v1.status, 401);
  EXPECT_EQ(json::view(body_of(v1)["message"]), "a key or token is needed");
  const auto infer = call("POST", "/v2/models/{model}/infer", stranger);
  EXPECT_EQ(infer.status, 401);
  EXPECT_EQ(json::view(body_of(infer)["error"]), "a key or token is needed");
  const Somebody user{.name = "u", .key = key_of("user", Role::user)};
  EXPECT_EQ(json::view(body_of(call("POST", "/v2/repository/models/{model}/load", user))["error"]),
            "the right to manage this model is needed");
}

TEST_F(AccessGuard, TakesNobodyForLocalWhomAProxyHandedOn) {
  const Somebody local{.name = "l", .address = "127.0.0.1"};
  EXPECT_EQ(call("GET", "/v2/models/", local).status, 200);
  for (const auto* name : {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"}) {
    EXPECT_EQ(call("GET", "/v2/models/", local, {{name, "127.0.0.1"}}).status, 401) << name;
  }
  const Somebody mapped{.name = "m", .address = "::ffff:127.0.0.1"};
  EXPECT_EQ(call("GET", "/v2/models/", mapped).status, 200);
}

TEST_F(AccessGuard, KeepsATokenToItsDeployment) {
  const auto key = key_of("user", Role::user);
  const auto token = gate_->issue_token(*gate_->identify(key, ""), "dep-1");
  EXPECT_EQ(call("GET", "/v2/models/", {.name = "u", .key = *token}).status, 403);
}

TEST_F(AccessGuard, CountsADisabledUserOutAtOnce) {
  const Somebody user{.name = "u", .key = key_of("user", Role::user)};
  EXPECT_EQ(call("GET", "/v2/models/", user).status, 200);
  const auto id = gate_->accounts().user("user")->id;
  ASSERT_TRUE(AccountHouse::wait<identity::User>(
      [&](auto done) { gate_->accounts().change_user(id, {.enabled = false}, {.name = "root"}, done); }));
  EXPECT_EQ(call("GET", "/v2/models/", user).status, 401);
}

TEST_F(AccessGuard, ShowsEverybodyTheirOwnTrainingsAlone) {
  hosting::Description description;
  description.has_train = true;
  add("t", description, {});
  const auto can_train = Rights::on_all({Right::train});
  const Somebody ada{.name = "ada", .key = key_of("ada", Role::user, can_train)};
  const Somebody bob{.name = "bob", .key = key_of("bob", Role::user, can_train)};
  const Somebody eve{.name = "eve", .key = key_of("eve", Role::viewer)};
  const Somebody root{.name = "root", .key = key_of("root", Role::admin)};
  const Somebody narrow{.name = "narrow", .key = key_of("narrow", Role::admin, {}, can_train)};
  const Somebody narrow_viewer{.name = "nv", .key = key_of("nv", Role::viewer, {}, can_train)};
  const auto started = call("POST", "/v2/models/t/train/", ada);
  ASSERT_EQ(started.status, 200) << started.body.view();
  const auto one = "/v2/models/t/train/" + std::string(json::view(body_of(started)["uuid"]));
  const auto count = [&](const Somebody& who) { return body_of(call("GET", "/v2/models/t/train/", who)).Size(); };
  EXPECT_EQ(count(ada), 1U);
  EXPECT_EQ(count(bob), 0U);
  EXPECT_EQ(count(eve), 1U);
  EXPECT_EQ(count(narrow), 0U) << "an admin's key that is good for some things only";
  EXPECT_EQ(count(narrow_viewer), 0U);
  EXPECT_EQ(call("DELETE", one, narrow).status, 404);
  EXPECT_EQ(call("GET", one, bob).status, 404);
  EXPECT_EQ(call("DELETE", one, bob).status, 404);
  EXPECT_EQ(call("GET", one, eve).status, 200);
  EXPECT_EQ(call("DELETE", one, eve).status, 403);
  EXPECT_EQ(call("DELETE", one, root).status, 200);
}

TEST_F(AccessGuard, StandsBeforeRoutesThatTheApiDocumentDescribesAll) {
  const auto document = body_of(call("GET", "/swagger.json", {.name = "a", .key = key_of("admin", Role::admin)}));
  for (const auto& route : router_->table()) {
    std::string method = to_lower(route.method), path = route.pattern;
    const auto* found = json::find(document["paths"], path);
    // What is declared differs from model to model, what is done to them does not.
    if (const auto at = path.find("{model}"); found == nullptr && at != path.npos) {
      found = json::find(document["paths"], path.replace(at, 7, 1, 'm'));
    }
    EXPECT_TRUE(found != nullptr && json::find(*found, method) != nullptr) << route.method << " " << route.pattern;
  }
}

}  // namespace
}  // namespace berth::test
