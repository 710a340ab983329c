// SPDX-License-Identifier: Apache-2.0
// A client of deployments against the real server: a login, and images for a real model.
#include "fixtures.h"

namespace berth::test {
namespace {

class DeploymentsServer : public testing::Test {
 protected:
  HttpAnswer log_in(const std::string& deployment, const std::string& key) {
    return client_.send("POST", "/api/login", {{"Content-Type", "application/json"}, {"Authorization", "Token " + key}},
                        R"({"deployment_id":")" + deployment + R"(","api_token":")" + key + R"("})");
  }
  HttpAnswer predict(const std::string& deployment, const std::string& token, const std::string& media) {
    const auto [body, type] =
        multipart({{.name = "media", .content = media, .file_name = "seven.png", .content_type = "image/png"},
                   {.name = "source", .content = "gate 3"},
                   {.name = "tags", .content = "night"},
                   {.name = "tags", .content = "rain"}});
    return client_.send("POST", "/api/deployment/" + deployment + "/predict",
                        {{"Content-Type", type}, {"Authorization", "Bearer " + token}}, body);
  }

  const ServerProcess server_{{.plugins = {plugin("image_classifier")},
                               .models_dir = BERTH_MODELS_DIR,
                               .config =
                                   "deployments: {numbers: {model: digits}, others: {model: digits}, watched: {},\n"
                                   "              closed: {model: digits, users: [ada]}}\n"}};
  HttpClient client_ = server_.client();
  const std::string seven_ = read_file(std::filesystem::path(BERTH_MODELS_DIR) / "digits" / "samples" / "digit-7.png");
};

TEST_F(DeploymentsServer, ServesItsClients) {
  EXPECT_EQ(log_in("numbers", "wrong").status, 401);
  const auto login = log_in("numbers", server_.admin_key());
  ASSERT_EQ(login.status, 200) << login.body;
  const auto token = text_at(json_of(login), "jwt");
  const auto answer = predict("numbers", token, seven_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto body = json_of(answer);
  EXPECT_EQ(text_at(body, "kind"), "classification");
  EXPECT_EQ(text_at(body, "filename"), "seven.png");
  EXPECT_GT(body["height"].GetInt(), 0);
  const auto& raw = body["raw_predictions"];
  EXPECT_EQ(json::view(raw["detection_classes"][0]), "7");
  EXPECT_GT(raw["detection_scores"][0].GetDouble(), 0.5);
  EXPECT_EQ(raw["detection_scores"].Size(), raw["detection_classes"].Size());
  EXPECT_EQ(predict("others", token, seven_).status, 403);
  EXPECT_EQ(predict("numbers", "no token", seven_).status, 401);
  const auto no_image = predict("numbers", token, "hello");
  EXPECT_EQ(no_image.status, 422);
  EXPECT_NE(no_image.body.find("seven.png"), std::string::npos) << no_image.body;
}

TEST_F(DeploymentsServer, KeepsWhatAModelElsewherePredicted) {
  const auto token = text_at(json_of(log_in("watched", server_.admin_key())), "jwt");
  const auto report = [&](const std::string& deployment, const std::string& scores) {
    return client_.send("POST", "/api/deployment/" + deployment + "/predictions",
                        {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token}},
                        R"({"filename":"a.png","content_type":"image/png","height":2,"width":3,"image":"YWJj",)"
                        R"("latency":0.259,"raw_predictions":{"detection_classes":[1],"detection_scores":)" +
                            scores + "}}");
  };
  const auto kept = report("watched", "[0.5]");
  EXPECT_EQ(kept.status, 201) << kept.body;
  EXPECT_GT(json_of(kept)["id"].GetInt64(), 0);
  EXPECT_EQ(report("watched", "[5]").status, 422);
  EXPECT_EQ(report("numbers", "[0.5]").status, 403);
}

TEST_F(DeploymentsServer, LetsInTheUsersWhomItsConfigurationNames) {
  auto admin = server_.admin();
  const auto key_of = [&admin](const std::string& name) {
    const auto user = json_of(admin.post_json("/v2/berth/users", R"({"username":")" + name + R"("})"));
    const auto keys = "/v2/berth/users/" + std::to_string(user["id"].GetInt64()) + "/keys";
    return text_at(json_of(admin.post_json(keys, R"({"name":"k"})")), "key");
  };
  const auto ada = key_of("ada"), bob = key_of("bob");
  EXPECT_EQ(log_in("closed", ada).status, 200);
  EXPECT_EQ(log_in("closed", bob).status, 401);
  EXPECT_EQ(log_in("numbers", bob).status, 200);
}

TEST(DeploymentsOfAServer, AreNotThereUnlessTheConfigurationNamesOne) {
  const ServerProcess server({.plugins = {fake("echo")}});
  auto admin = server.admin();
  EXPECT_EQ(admin.post_json("/api/auth/login", "{}").status, 404);
  EXPECT_EQ(admin.post_json("/api/login", "{}").status, 405) << "the API page may have a file of that name";
  EXPECT_EQ(admin.post_json("/api/deployment/numbers/predict", "{}").status, 404);
  EXPECT_EQ(admin.post_json("/api/deployment/numbers/predictions", "{}").status, 404);
  EXPECT_EQ(admin.get("/swagger.json").body.find("/api/deployment"), std::string::npos);
}

}  // namespace
}  // namespace berth::test
