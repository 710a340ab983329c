// SPDX-License-Identifier: Apache-2.0
// Each line of the contract of deployments, against models that a test answers for.
#include "dialects/deployments.h"

#include <algorithm>

#include "dialects/guarded_server.h"

namespace berth::test {
namespace {

using namespace std::string_literals;

constexpr const char* kWrong = R"(401 {"detail":"wrong api token or deployment"})";
const std::string kPng = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2c\0\0\0\xc8"s;  // 300x200, as far as its header goes

class DeploymentsTest : public GuardedServer {
 protected:
  void SetUp() override {
    GuardedServer::SetUp();
    router_ = std::make_unique<http::Router>("", dialects::make_access_guard(*gate_));
    dialects::add_deployments(*router_, service_, *gate_,
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
    return call("POST", path, {}, {{"authorization", "Token " + in_header}}, body);
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

  std::string ada_, form_;
  hosting::Call seen_;
  Result<hosting::Output> answer_ = hosting::json_output(
      R"({"status":"OK","predictions":[{"file":"cat.png","labels":[{"label":"cat","probability":0.9}]}]})");
};

TEST_F(DeploymentsTest, GivesATokenForAKey) {
  for (const auto* path : {"/api/login", "/api/auth/login"}) {
    const auto answer = log_in("cats", ada_, ada_, path);
    ASSERT_EQ(answer.status, 200) << answer.body.view();
    const auto caller = gate_->identify(std::string(json::view(body_of(answer)["jwt"])), "");
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->name, "ada");
    EXPECT_EQ(caller->deployment, "cats");
  }
}

TEST_F(DeploymentsTest, GivesNoTokenForAnythingElse) {
  EXPECT_EQ(said(log_in("cats", "wrong", "wrong")), kWrong);
  EXPECT_EQ(said(log_in("cats", ada_, "wrong")), kWrong);
  EXPECT_EQ(said(log_in("cats", "wrong", ada_)), kWrong);
  EXPECT_EQ(said(log_in("dogs", ada_, ada_)), kWrong) << "there is no such deployment";
  const auto bob = key_of("bob", Role::user), eve = key_of("eve", Role::viewer);
  EXPECT_EQ(said(log_in("adas", bob, bob)), kWrong) << "it is not for him";
  EXPECT_EQ(said(log_in("cats", eve, eve)), kWrong) << "she may predict with nothing";
  const auto narrow = key_of("carl", Role::user, {}, *Rights::parse(R"({"other":["predict"]})"));
  EXPECT_EQ(said(log_in("cats", narrow, narrow)), kWrong) << "the key may not do what the token could";
  const auto jwt = token("cats", ada_), general = *gate_->issue_token(*gate_->identify(ada_, ""));
  EXPECT_EQ(said(log_in("cats", jwt, jwt)), kWrong) << "a token would live for ever";
  EXPECT_EQ(said(log_in("cats", general, general)), kWrong);
  EXPECT_EQ(said(log_in("cats", kEnvironmentKey, kEnvironmentKey)), kWrong) << "nobody's";
  EXPECT_EQ(call("POST", "/api/login", {.name = "", .key = ada_}, {},
                 R"({"deployment_id":"cats","api_token":")" + ada_ + R"("})")
                .status,
            401)
      << "without the header";
  EXPECT_EQ(header(log_in("dogs", ada_, ada_), "WWW-Authenticate"), "Bearer");
}

TEST_F(DeploymentsTest, TellsWhatIsWrongWithALogin) {
  EXPECT_EQ(said(call("POST", "/api/login", {}, {}, R"({"deployment_id":5})")),
            R"(422 {"detail":[{"loc":["body","deployment_id"],"msg":"str type expected","type":"type_error.str"},)"
            R"({"loc":["body","api_token"],"msg":"field required","type":"value_error.missing"}]})");
  EXPECT_EQ(call("POST", "/api/login", {}, {}, "no json").status, 422);
}

TEST_F(DeploymentsTest, PutsLoginsIntoTheAuditLog) {
  token("cats", ada_);
  log_in("dogs", ada_, ada_);
  key_of("later", Role::user);  // is written after them
  const auto entries =
      AccountHouse::wait<std::vector<store::AuditEntry>>([&](auto done) { gate_->accounts().read_audit(0, 10, done); });
  ASSERT_TRUE(entries);
  const auto has = [&](const std::string& action, const std::string& target) {
    return std::ranges::any_of(*entries, [&](const auto& entry) {
      return entry.action == action && entry.target == target && entry.actor.starts_with("ada key ");
    });
  };
  EXPECT_TRUE(has("login", "deployment cats"));
  EXPECT_TRUE(has("login.refused", "deployment dogs"));
}

TEST_F(DeploymentsTest, PredictsForAnUploadedImage) {
  const auto answer = predict("cats", token("cats", ada_));
  ASSERT_EQ(answer.status, 200) << answer.body.view();
  const auto body = body_of(answer);
  EXPECT_EQ(json::to_text(body["raw_predictions"]), R"({"detection_scores":[0.9],"detection_classes":["cat"]})");
  EXPECT_EQ(json::view(body["kind"]), "classification");
  EXPECT_EQ(json::view(body["filename"]), "cat.png");
  EXPECT_EQ(json::view(body["content_type"]), "image/png");
  EXPECT_EQ(body["width"].GetInt(), 300);
  EXPECT_EQ(body["height"].GetInt(), 200);
  EXPECT_GE(body["latency"].GetDouble(), 0);
  EXPECT_EQ(header(answer, "X-Model-Version"), "1");
  ASSERT_EQ(seen_.files.size(), 1U);
  EXPECT_EQ(seen_.files[0].bytes.view(), kPng);
  EXPECT_EQ(seen_.files[0].file_name, "cat.png");
}

TEST_F(DeploymentsTest, PassesWhatADetectorFoundAsItIs) {
  const std::string found = R"({"detection_scores":[0.5],"detection_boxes":[[0,0.1,1,1]],"detection_classes":[17]})";
  answer_ = hosting::json_output(found);
  const auto body = body_of(predict("cats", token("cats", ada_), "of a size that nobody knows"));
  EXPECT_EQ(json::to_text(body["raw_predictions"]), found);
  EXPECT_EQ(json::view(body["kind"]), "detection");
  EXPECT_TRUE(body["width"].IsNull());
  EXPECT_TRUE(body["height"].IsNull());
}

TEST_F(DeploymentsTest, TakesATokenOfTheDeploymentAlone) {
  const auto good = token("cats", ada_);
  EXPECT_EQ(said(predict("adas", good)), R"(403 {"detail":"this token is for another deployment"})");
  EXPECT_EQ(predict("cats", ada_).status, 403) << "a key";
  EXPECT_EQ(predict("cats", *gate_->issue_token(*gate_->identify(ada_, ""))).status, 403) << "a general token";
  const auto foreign = identity::Tokens::create({std::string(32, 'x')})
                           .value()
                           ->issue({.user_id = gate_->accounts().user("ada")->id,
                                    .issued = 0,
                                    .expires = 4'000'000'000,
                                    .deployment = "cats"});
  EXPECT_EQ(said(predict("cats", *foreign)), R"(401 {"detail":"the token is not good, or no longer"})");
  EXPECT_EQ(predict("cats", "none").status, 401);
  EXPECT_EQ(said(call("POST", "/api/deployment/cats/predict", {.name = "local", .address = "127.0.0.1"})),
            R"(401 {"detail":"a token of this deployment is needed"})");
  house_.now_ += std::chrono::minutes(59);
  EXPECT_EQ(predict("cats", good).status, 200);
  house_.now_ += std::chrono::minutes(2);
  EXPECT_EQ(said(predict("cats", good)), R"(401 {"detail":"the token is not good, or no longer"})");
}

TEST_F(DeploymentsTest, AsksAgainWhoMayUseIt) {
  const auto good = token("cats", ada_);
  const auto id = gate_->accounts().user("ada")->id;
  const auto change = [&](identity::UserChange what) {
    ASSERT_TRUE(AccountHouse::wait<identity::User>(
        [&](auto done) { gate_->accounts().change_user(id, what, {.name = "root"}, done); }));
  };
  change({.rights = *Rights::parse(R"({"other":["predict"]})")});
  EXPECT_EQ(said(predict("cats", good)), R"(403 {"detail":"this deployment is not for this user"})");
  change({.enabled = false});
  EXPECT_EQ(predict("cats", good).status, 401);
}

TEST_F(DeploymentsTest, PredictsNothingWithoutAModel) {
  EXPECT_EQ(said(predict("watched", token("watched", ada_))), R"(404 {"detail":"this deployment serves no model"})");
  EXPECT_EQ(said(predict("lost", token("lost", ada_))), R"(503 {"detail":"The model is not available"})");
}

TEST_F(DeploymentsTest, TellsWhatIsWrongWithAnUpload) {
  const auto good = token("cats", ada_);
  const http::Pairs shown{{"authorization", "Bearer " + good}};
  EXPECT_EQ(said(call("POST", "/api/deployment/cats/predict", {}, shown)),
            R"(422 {"detail":[{"loc":["body","media"],"msg":"field required","type":"value_error.missing"}]})");
  form_ = "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"2.png\"\r\n\r\nx\r\n";
  EXPECT_EQ(predict("cats", good).status, 422) << "two files";
  form_ = "--b\r\nno header\r\n";
  EXPECT_EQ(predict("cats", good).status, 422);
  form_.clear();
  Error error{Code::invalid_argument, "'cat.png': not an image"};
  error.model_status = 422;
  answer_ = tl::unexpected<Error>(error);
  EXPECT_EQ(said(predict("cats", good)), R"(422 {"detail":"'cat.png': not an image"})");
}

}  // namespace
}  // namespace berth::test
