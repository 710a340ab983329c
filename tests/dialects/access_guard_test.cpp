// SPDX-License-Identifier: Apache-2.0
// Who may use which route: every role at every route that the server has, by what the route says of itself.
#include "dialects/access_guard.h"

#include "dialects/admin_crashes.h"
#include "dialects/api_document.h"
#include "dialects/api_page.h"
#include "dialects/fixture.h"
#include "identity/account_house.h"

namespace berth::test {
namespace {

using http::Access;
using identity::AccountHouse;
using identity::Right;
using identity::Rights;
using identity::Role;

// Somebody who calls, by the key they show; "" for none.
struct Somebody {
  std::string name;
  std::string key = {};
  std::string address = "192.0.2.1";
};

class AccessGuard : public DialectTest {
 protected:
  void SetUp() override {
    house_.SetUp();
    gate_ =
        std::make_unique<identity::Gate>(std::move(house_.accounts_), *identity::Tokens::create({std::string(32, 'k')}),
                                         identity::GateOptions{.now = [this] { return house_.now_; }});
    router_ = std::make_unique<http::Router>("", dialects::make_access_guard(*gate_));
    add_all();
    hosting::Description description;
    description.has_predict_data = true;
    add("m", description, [](hosting::Call, const hosting::OnOutcome& done) {
      done({hosting::json_output("1"), {}, "1"});
    });
  }

  // As app.cpp does.
  void add_all() {
    const dialects::DeepaasOptions options{.debug_enabled = true};
    dialects::add_deepaas_v2(*router_, service_, options);
    dialects::add_open_inference(*router_, service_, {});
    dialects::add_deepaas_v1(*router_, service_, options);
    dialects::add_api_document(*router_, service_, options);
    dialects::add_api_page(*router_, "", options);
    dialects::add_admin(*router_, service_);
    dialects::add_admin_rollout(*router_, service_, options.body);
    auto crashes = hosting::CrashReporter::create({.folder = folder_ / "crashes", .limits = {}, .symbolizer = {}});
    dialects::add_admin_crashes(*router_, std::move(*crashes));
    dialects::add_metrics_page(*router_, service_, [] { return metrics::Network{}; });
  }

  std::string key_of(const std::string& name, Role role, std::optional<Rights> rights = {},
                     std::optional<Rights> narrowed = {}) {
    auto& accounts = gate_->accounts();
    const auto user = AccountHouse::wait<identity::User>([&](auto done) {
      accounts.add_user({.username = name, .role = role, .rights = rights}, {.name = "root"}, done);
    });
    return AccountHouse::wait<identity::NewKey>([&](auto done) {
             accounts.add_key(user->id, {.name = "k", .rights = narrowed}, {.name = "root"}, done);
           })
        ->secret;
  }

  http::Response call(const std::string& method, std::string path, const Somebody& who, http::Pairs headers = {}) {
    for (auto begin = path.find('{'); begin != path.npos; begin = path.find('{', begin)) {
      path.replace(begin, path.find('}', begin) + 1 - begin, 1, 'm');
    }
    Exchange exchange;
    exchange.method = method;
    exchange.target = path;
    auto request = to_request(exchange);
    request.peer = who.address;
    if (!who.key.empty()) request.headers.emplace_back("x-api-key", who.key);
    for (auto& header : headers) request.headers.push_back(std::move(header));
    return ask(std::move(request));
  }
  // Whether the guard lets them through to the route, whatever it then answers.
  bool gets_in(const std::string& method, const std::string& path, const Somebody& who) {
    const int status = call(method, path, who).status;
    return status != 401 && status != 403;
  }

  struct House : AccountHouse {
    using AccountHouse::accounts_;
    using AccountHouse::now_;
    using AccountHouse::SetUp;
    void TestBody() override {}
  };
  House house_;
  TempFolder folder_;
  std::unique_ptr<identity::Gate> gate_;
};

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
  const auto table = router_->table();
  ASSERT_GT(table.size(), 30U);
  for (const auto& route : table) {
    for (const auto& who : all) {
      SCOPED_TRACE(route.method + " " + route.pattern + " by " + who.name);
      const bool expected = may.at(route.access).contains(who.name);
      if (expected && asks_further(route) && who.name != "admin" && who.name != "manager") continue;
      EXPECT_EQ(gets_in(route.method, route.pattern, who), expected);
    }
  }
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
  const auto started = call("POST", "/v2/models/t/train/", ada);
  ASSERT_EQ(started.status, 200) << started.body.view();
  const auto one = "/v2/models/t/train/" + std::string(json::view(body_of(started)["uuid"]));
  const auto count = [&](const Somebody& who) { return body_of(call("GET", "/v2/models/t/train/", who)).Size(); };
  EXPECT_EQ(count(ada), 1U);
  EXPECT_EQ(count(bob), 0U);
  EXPECT_EQ(count(eve), 1U);
  EXPECT_EQ(call("GET", one, bob).status, 404);
  EXPECT_EQ(call("DELETE", one, bob).status, 404);
  EXPECT_EQ(call("GET", one, eve).status, 200);
  EXPECT_EQ(call("DELETE", one, eve).status, 403);
  EXPECT_EQ(call("DELETE", one, root).status, 200);
}

}  // namespace
}  // namespace berth::test
