// SPDX-License-Identifier: Apache-2.0
// Each line of the contract of deployments, against models that a test answers for.
#include "dialects/deployments.h"

#include <algorithm>
#include <optional>

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

TEST_F(DeploymentsTest, PutsAPredictionOnRecordWithItsSourceAndTags) {
  form_ =
      "--b\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\ngate 3\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nnight\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nrain\r\n";
  const auto body = body_of(predict("cats", token("cats", ada_)));
  const auto kept = record(body["id"].GetInt64());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request.user_id, gate_->accounts().user("ada")->id);
  EXPECT_EQ(kept->request.dialect, "deployments");
  EXPECT_EQ(kept->request.deployment, "cats");
  EXPECT_EQ(kept->request.source, "gate 3");
  EXPECT_EQ(kept->request.tags_json, R"(["night","rain"])");
  EXPECT_EQ(kept->request.model, "animals");
  ASSERT_TRUE(kept->response);
  EXPECT_EQ(kept->response->status, "ok");
}

constexpr const char* kReport =
    R"({"filename":"cat.png","content_type":"image/png","height":200,"width":300,"image":"Y2F0","latency":0.259,)"
    R"("raw_predictions":{"detection_scores":[0.5],"detection_boxes":[[0,0,1,1]],"detection_classes":[17]})";

TEST_F(DeploymentsTest, KeepsWhatAModelElsewherePredicted) {
  const auto answer =
      report("watched", token("watched", ada_), std::string(kReport) + R"(,"source":"gate 3","tags":["night"]})");
  ASSERT_EQ(answer.status, 201) << answer.body.view();
  const auto body = body_of(answer);
  EXPECT_EQ(json::view(body["kind"]), "detection");
  const auto kept = record(body["id"].GetInt64());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request.user_id, gate_->accounts().user("ada")->id);
  EXPECT_EQ(kept->request.deployment, "watched");
  EXPECT_EQ(kept->request.source, "gate 3");
  EXPECT_EQ(kept->request.tags_json, R"(["night"])");
  EXPECT_NE(kept->request.input_json.find("cat.png"), std::string::npos) << kept->request.input_json;
  ASSERT_TRUE(kept->response);
  EXPECT_NE(kept->response->output_json.find(R"("detection_classes":[17])"), std::string::npos);
  EXPECT_EQ(kept->response->compute_us, 259'000);
}

TEST_F(DeploymentsTest, KeepsAnyObjectAndSaysWhatItTakesItFor) {
  const auto good = token("cats", ada_);
  const auto kind = [&](const std::string& raw) {
    const auto answer = report("cats", good,
                               R"({"filename":"f","content_type":"c","height":1,"width":1,"image":"","latency":0,)"
                               R"("raw_predictions":)" +
                                   raw + "}");
    EXPECT_EQ(answer.status, 201) << answer.body.view();
    return std::string(json::view(body_of(answer)["kind"]));
  };
  EXPECT_EQ(kind(R"({"detection_scores":[1],"detection_classes":["cat"]})"), "classification");
  EXPECT_EQ(kind(R"({"keypoints":[]})"), "unclassified");
}

TEST_F(DeploymentsTest, NamesTheMemberOfAReportThatIsWrong) {
  const auto good = token("watched", ada_);
  EXPECT_EQ(body_of(report("watched", good, "{}"))["detail"].Size(), 7U) << "all that is missing";
  const auto wrong = [&](const std::string& from, const std::string& to) {
    auto body = std::string(kReport) + "}";
    body.replace(body.find(from), from.size(), to);
    const auto answer = report("watched", good, body);
    EXPECT_EQ(answer.status, 422) << to << ": " << answer.body.view();
    return json::to_text(body_of(answer)["detail"][0]["loc"]);
  };
  EXPECT_EQ(wrong(R"("cat.png")", "5"), R"(["body","filename"])");
  EXPECT_EQ(wrong(R"("image/png")", "null"), R"(["body","content_type"])");
  EXPECT_EQ(wrong("200", "0"), R"(["body","height"])");
  EXPECT_EQ(wrong("300", "-1"), R"(["body","width"])");
  EXPECT_EQ(wrong(R"("Y2F0")", R"("no-base64")"), R"(["body","image"])");
  EXPECT_EQ(wrong("0.259", "-1"), R"(["body","latency"])");
  EXPECT_EQ(wrong("0.259", "1e300"), R"(["body","latency"])");
  EXPECT_EQ(wrong("0.259", R"(0,"source":5)"), R"(["body","source"])");
  EXPECT_EQ(wrong("0.259", R"(0,"tags":"night")"), R"(["body","tags"])");
  EXPECT_EQ(wrong("0.259", R"(0,"tags":["night",5])"), R"(["body","tags",1])");
  EXPECT_EQ(wrong("[0.5]", "[1.5]"), R"(["body","raw_predictions","detection_scores",0])");
  EXPECT_EQ(wrong("[17]", "[1,2]"), R"(["body","raw_predictions","detection_classes"])");
}

TEST_F(DeploymentsTest, TakesReportsOfATokenOfTheDeploymentAlone) {
  const auto good = token("watched", ada_);
  const auto body = std::string(kReport) + "}";
  EXPECT_EQ(report("cats", good, body).status, 403);
  EXPECT_EQ(report("watched", "none", body).status, 401);
  EXPECT_EQ(report("watched", ada_, body).status, 403);
}

TEST_F(DeploymentsTest, SaysSoWhereNothingIsPutOnRecord) {
  mode_ = records::Mode::off;
  EXPECT_EQ(said(report("watched", token("watched", ada_), std::string(kReport) + "}")),
            R"(501 {"detail":"predictions are not put on record here"})");
}

}  // namespace
}  // namespace berth::test
