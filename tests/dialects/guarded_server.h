// SPDX-License-Identifier: Apache-2.0
// GuardedServer: every route that the server has, behind its real guard over real accounts, asked without a network.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dialects/access_guard.h"
#include "dialects/admin_accounts.h"
#include "dialects/admin_crashes.h"
#include "dialects/admin_records.h"
#include "dialects/api_document.h"
#include "dialects/api_page.h"
#include "dialects/classifier.h"
#include "dialects/deployments.h"
#include "dialects/fixture.h"
#include "dialects/tabular.h"
#include "identity/account_house.h"

namespace berth::test {

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

// Some answers come from threads of the database.
class PromisedSink final : public http::ReplySink {
 public:
  explicit PromisedSink(std::promise<http::Response> answer) : answer_(std::move(answer)) {}
  void deliver(http::Response response) override { answer_.set_value(std::move(response)); }

 private:
  std::promise<http::Response> answer_;  // its own: whoever waits may be gone while it is told
};

class GuardedServer : public DialectTest {
 protected:
  static constexpr const char* kEnvironmentKey = "the key of the environment";

  void SetUp() override {
    house_.SetUp();
    records_ = std::make_unique<records::Records>(*house_.database_, records::Options{});
    gate_ = std::make_unique<identity::Gate>(
        std::move(house_.accounts_), *identity::Tokens::create({std::string(32, 'k')}),
        identity::GateOptions{.environment_key = kEnvironmentKey, .now = [this] { return house_.now_; }});
    router_ = std::make_unique<http::Router>("", dialects::make_access_guard(*gate_));
    add_all();
    hosting::Description description;
    description.has_predict_data = true;
    add("m", description, [](hosting::Call, const hosting::OnOutcome& done) {
      done({hosting::json_output("1"), {}, "1"});
    });
  }

  // As app_routes.cpp does; a structure check compares the two.
  void add_all() {
    const dialects::DeepaasOptions options{.debug_enabled = true};
    dialects::add_deepaas_v2(*router_, service_, options);
    dialects::add_open_inference(*router_, service_, {});
    dialects::add_deepaas_v1(*router_, service_, options);
    dialects::add_tabular(*router_, service_, *gate_, tabular_);
    dialects::add_classifier(*router_, service_, *gate_, {.model = "m"});
    dialects::add_deployments(*router_, service_, *gate_, {.deployments = {{"m", {.model = "m"}}}});
    dialects::add_api_document(*router_, service_, options);
    dialects::add_api_page(*router_, "", options);
    dialects::add_admin(*router_, service_);
    dialects::add_admin_accounts(*router_, *gate_, options.body);
    dialects::add_admin_records(*router_, *records_, *gate_);
    dialects::add_admin_rollout(*router_, service_, options.body);
    auto crashes = hosting::CrashReporter::create({.folder = folder_ / "crashes", .limits = {}, .symbolizer = {}});
    dialects::add_admin_crashes(*router_, std::move(*crashes));
    dialects::add_metrics_page(*router_, service_, [] { return metrics::ServerFigures{}; });
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

  http::Response call(const std::string& method, std::string path, const Somebody& who, http::Pairs headers = {},
                      const std::string& body = "") {
    for (auto begin = path.find('{'); begin != path.npos; begin = path.find('{', begin)) {
      path.replace(begin, path.find('}', begin) + 1 - begin, 1, 'm');
    }
    Exchange exchange;
    exchange.method = method;
    exchange.target = path;
    exchange.body = body;
    auto request = to_request(exchange);
    request.peer = who.address;
    if (!who.key.empty()) request.headers.emplace_back("x-api-key", who.key);
    for (auto& header : headers) request.headers.push_back(std::move(header));
    std::promise<http::Response> answer;
    auto told = answer.get_future();
    router_->dispatch(std::move(request), http::Reply(std::make_unique<PromisedSink>(std::move(answer))));
    return told.get();
  }
  // Of which models a version was chosen, and for whom: "m for user 1".
  std::vector<std::string> chosen() const {
    std::vector<std::string> said;
    for (const auto& choice : registry_.choices) {
      said.push_back(std::string(choice.name).append(choice.version).append(" for ").append(choice.principal));
    }
    return said;
  }
  // Whether the guard lets them through to the route, whatever it then answers.
  bool gets_in(const std::string& method, const std::string& path, const Somebody& who) {
    const int status = call(method, path, who).status;
    return status != 401 && status != 403;
  }

  struct House : AccountHouse {
    using AccountHouse::accounts_;
    using AccountHouse::database_;
    using AccountHouse::now_;
    using AccountHouse::SetUp;
    void TestBody() override {}
  };
  dialects::TabularOptions tabular_{.model = "m", .registration_open = true};
  House house_;
  TempFolder folder_;
  std::unique_ptr<records::Records> records_;
  std::unique_ptr<identity::Gate> gate_;
};

}  // namespace berth::test
