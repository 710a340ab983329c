// SPDX-License-Identifier: Apache-2.0
// What the dialects' tests share: a router with every dialect over fake models, asked without a network.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "core/fake_hosting.h"
#include "core/service.h"
#include "dialects/admin.h"
#include "dialects/admin_rollout.h"
#include "dialects/deepaas_v1.h"
#include "dialects/deepaas_v2.h"
#include "dialects/metrics_page.h"
#include "dialects/open_inference.h"
#include "dialects/recorded_models.h"
#include "dialects/transcript.h"
#include "http/router.h"

namespace berth::test {

class CapturingSink final : public http::ReplySink {
 public:
  explicit CapturingSink(std::vector<http::Response>& answers) : answers_(answers) {}
  void deliver(http::Response response) override { answers_.push_back(std::move(response)); }

 private:
  std::vector<http::Response>& answers_;
};

// Takes everybody for the same caller, who may use every route.
inline http::Guard guard_that_takes_all_for(const std::shared_ptr<const identity::Principal>& caller) {
  return [&caller](http::Request& request, const http::PathParams&, http::Access, http::Reply&) -> Result<> {
    request.caller = caller;
    return {};
  };
}

class DialectTest : public testing::Test {
 protected:
  // Adds every dialect; models may come before or after.
  void open(const dialects::DeepaasOptions& options = {}) {
    router_ = std::make_unique<http::Router>(options.base_path, guard_that_takes_all_for(caller_));
    dialects::add_deepaas_v2(*router_, service_, options);
    dialects::add_open_inference(*router_, service_,
                                 {.body = options.body, .why_not_ready = [this] { return not_ready_; }});
    dialects::add_deepaas_v1(*router_, service_, options);
    dialects::add_admin(*router_, service_);
    dialects::add_admin_rollout(*router_, service_, options.body);
    dialects::add_metrics_page(*router_, service_,
                               [] { return metrics::ServerFigures{.connections = 3, .requests = 12}; });
  }

  // A model that answers by `answer` and declares `description`.
  void add(std::string name, hosting::Description description, hosting::FakeModel::Answer answer) {
    registry_.add(std::make_shared<hosting::FakeModel>(std::move(name), std::move(description), std::move(answer)));
  }

  // Everything that was sent up to now, in `answers_`.
  void dispatch(http::Request request) {
    router_->dispatch(std::move(request), http::Reply(std::make_unique<CapturingSink>(answers_)));
  }

  // The one answer to one request.
  http::Response ask(http::Request request) {
    answers_.clear();
    dispatch(std::move(request));
    EXPECT_EQ(answers_.size(), 1U);
    return answers_.empty() ? http::Response{} : answers_.front();
  }
  http::Response ask(const std::string& method, const std::string& target, const std::string& type = "",
                     const std::string& body = "") {
    Exchange exchange;
    exchange.method = method;
    exchange.target = target;
    if (!type.empty()) exchange.headers.emplace_back("content-type", type);
    exchange.body = body;
    return ask(to_request(exchange));
  }

  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  static json::Document body_of(const http::Response& response) {
    auto document = json::parse(response.body.view());
    EXPECT_TRUE(document) << response.body.view();
    return document ? std::move(*document) : json::Document();
  }

  std::vector<std::string> replay_file(const std::string& name) {
    return replay(std::filesystem::path(BERTH_TRANSCRIPTS_DIR) / name, deepaas_differences(),
                  [this](const Exchange& exchange) {
                    const auto response = ask(to_request(exchange));
                    return Answer{response.status, header(response, "Content-Type"), std::string(response.body.view())};
                  });
  }

  std::shared_ptr<const identity::Principal> caller_ = std::make_shared<const identity::Principal>(
      identity::Principal{.user_id = 1, .name = "admin", .address = "127.0.0.1", .role = identity::Role::admin});
  std::vector<http::Response> answers_;  // first: a training that still runs is answered when the others go
  hosting::FakeRegistry registry_;
  training::Trainings trainings_{registry_, training::make_memory_journal(), {}};
  core::Service service_{registry_, trainings_};
  std::unique_ptr<http::Router> router_;
  std::string_view not_ready_;
};

}  // namespace berth::test
