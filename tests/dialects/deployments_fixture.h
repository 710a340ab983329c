// SPDX-License-Identifier: Apache-2.0
// DeploymentsTest: the routes of deployments behind real accounts, with models that a test answers for and real
// records.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dialects/guarded_server.h"

namespace berth::test {

// 300x200, as far as its header goes.
inline const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2c\0\0\0\xc8", 24);

class DeploymentsTest : public GuardedServer {
 protected:
  void SetUp() override {
    GuardedServer::SetUp();
    records_ = std::make_unique<records::Records>(*house_.database_, records::Options{});
    recorder_ = std::make_unique<core::Recorder>(
        *records_, core::RecorderOptions{.mode_of = [this](std::string_view) { return mode_; }});
    recording_ = std::make_unique<core::Service>(registry_, trainings_, recorder_.get());
    router_ = std::make_unique<http::Router>("", dialects::make_access_guard(*gate_));
    dialects::add_deployments(*router_, *recording_, *gate_,
                              {.deployments = {{"cats", {.model = "animals"}},
                                               {"adas", {.model = "animals", .users = {"ada"}}},
                                               {"watched", {}},
                                               {"lost", {.model = "nowhere"}}}});
    hosting::Description description;
    description.has_predict_data = true;
    add("animals", description, [this](hosting::Call call, const hosting::OnOutcome& done) {
      seen_ = std::move(call);
      done({answer_, {}, "1"});
    });
    ada_ = key_of("ada", Role::user);
  }

  // "401 {…}"
  static std::string said(const http::Response& response) {
    return std::to_string(response.status) + " " + std::string(response.body.view());
  }

  http::Response log_in(const std::string& deployment, const std::string& in_header, const std::string& in_body,
                        const std::string& path = "/api/login") {
    const auto body =
        R"({"deployment_id":)" + json::quote(deployment) + R"(,"api_token":)" + json::quote(in_body) + "}";
    // From an address of its own each, unless the test says from which: failures make an address wait.
    const auto address = address_.empty() ? "192.0.2." + std::to_string(++logins_) : address_;
    return call("POST", path, {.name = "", .key = "", .address = address}, {{"authorization", "Token " + in_header}},
                body);
  }
  std::string token(const std::string& deployment, const std::string& key) {
    const auto answer = log_in(deployment, key, key);
    EXPECT_EQ(answer.status, 200) << answer.body.view();
    return std::string(json::view(body_of(answer)["jwt"]));
  }
  http::Response predict(const std::string& deployment, const std::string& token, const std::string& media = kPng) {
    const auto body =
        "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"cat.png\"\r\n"
        "Content-Type: image/png\r\n\r\n" +
        media + "\r\n" + form_ + "--b--\r\n";
    return call("POST", "/api/deployment/" + deployment + "/predict", {},
                {{"authorization", "Bearer " + token}, {"content-type", "multipart/form-data; boundary=b"}}, body);
  }

  http::Response report(const std::string& deployment, const std::string& token, const std::string& body) {
    return call("POST", "/api/deployment/" + deployment + "/predictions", {}, {{"authorization", "Bearer " + token}},
                body);
  }
  std::optional<store::Record> record(std::int64_t id) {
    auto found = AccountHouse::wait<std::optional<store::Record>>([&](auto done) { records_->find(id, done); });
    return found ? *std::move(found) : std::nullopt;
  }

  records::Mode mode_ = records::Mode::durable;
  std::unique_ptr<records::Records> records_;
  std::unique_ptr<core::Recorder> recorder_;
  std::unique_ptr<core::Service> recording_;
  std::string ada_, form_, address_;
  int logins_ = 0;
  hosting::Call seen_;
  Result<hosting::Output> answer_ = hosting::json_output(
      R"({"status":"OK","predictions":[{"file":"cat.png","labels":[{"label":"cat","probability":0.9}]}]})");
};

}  // namespace berth::test
