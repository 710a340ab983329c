// SPDX-License-Identifier: Apache-2.0
// The tabular API all the way: a client that knows no other, a real model, and an admin.
#include <gmock/gmock.h>
#include <soci/soci.h>

#include "fixtures.h"
#include "store/connection.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* kRow = R"({"age":75,"creatinine_phosphokinase":582,"ejection_fraction":20,"platelets":"265000",
  "serum_creatinine":1.9,"serum_sodium":130,"sex":"1","high_blood_pressure":false,"smoking":true})";

class TabularApi : public testing::Test {
 protected:
  TabularApi() {
    fs::create_directories(folder_ / "models/heart_failure");
    fs::copy(fs::path(BERTH_MODELS_DIR) / "heart_failure/1", folder_ / "models/heart_failure/1");
  }

  ServerProcess::Options options(const std::string& registration) const {
    return {.plugins = {plugin("tabular_classifier")},
            .models_dir = folder_ / "models",
            .config = "tabular: {enabled: true, model: heart_failure, registration: " + registration +
                      "}\nlog: {level: trace}\nidentity: {password_memory: 8KiB, password_passes: 1}\n"};
  }

  TempFolder folder_;
};

TEST_F(TabularApi, ServesAUserFromRegistrationToRemoval) {
  const ServerProcess server(options("open"));
  auto client = server.client();
  auto admin = server.admin();
  const auto predict = [&client](const std::string& shown, const std::string& row = kRow) {
    return client.send("POST", "/predict", {{"Content-Type", "application/json"}, {"Authorization", shown}}, row);
  };

  const auto registered =
      client.post_json("/register-user", R"({"username":"ada","password":"correct horse","email":"ada@example.org"})");
  ASSERT_EQ(registered.status, 201) << registered.body;
  const auto id = std::to_string(json_of(registered)["user_id"].GetInt64());

  const auto login = client.post_json("/token", R"({"username":"ada","password":"correct horse"})");
  ASSERT_EQ(login.status, 200) << login.body;
  const auto token = text_at(json_of(login), "token");
  EXPECT_EQ(client.get("/token_status/" + token).status, 200);
  EXPECT_EQ(client.get("/token_status/" + token + "x").status, 401);

  const auto answer = predict(token);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto probability = text_at(json_of(answer), "yhat_prob");
  EXPECT_GT(std::stod(probability), 0.5) << answer.body;
  EXPECT_LE(probability.size(), 9U);
  EXPECT_EQ(text_at(json_of(answer), "yhat"), "1");
  EXPECT_EQ(predict("Bearer " + token).body, answer.body);
  EXPECT_EQ(predict(token, "{}").status, 200) << "what is missing is filled";
  EXPECT_EQ(predict(token, R"({"age":"old"})").body,
            R"({"message":"Bad request","errors":{"age":["'old' is no number"]}})");
  EXPECT_EQ(predict(token, R"({"sex":2})").body,
            R"({"message":"Bad request","errors":{"sex":["'2' is neither true nor false"]}})");

  EXPECT_EQ(admin.send("PUT", "/toggle-user-permission/" + id + "/false").status, 200);
  EXPECT_EQ(predict(token).status, 401);
  EXPECT_EQ(client.get("/token_status/" + token).status, 401);
  EXPECT_EQ(admin.send("PUT", "/toggle-user-permission/" + id + "/true").status, 200);
  EXPECT_EQ(predict(token).status, 200);
  EXPECT_EQ(admin.send("DELETE", "/remove-user/" + id).status, 200);
  EXPECT_EQ(predict(token).body, R"({"error":"Unauthorized"})");
  EXPECT_EQ(admin.send("DELETE", "/remove-user/" + id).status, 404);
  EXPECT_EQ(server.log().find(token.substr(0, token.rfind('.'))), std::string::npos);
}

TEST_F(TabularApi, HasEachRequestAndResponseOnDiskBeforeItAnswers) {
  const ServerProcess server(options("open"));
  auto admin = server.admin();
  const auto sql = store::connect({.file = server.folder() / "state/berth.db"}, store::Use::read);
  ASSERT_TRUE(sql) << sql.error().message;
  for (int i = 1; i <= 3; ++i) {
    const auto answer = admin.post_json("/predict", kRow);
    ASSERT_EQ(answer.status, 200) << answer.body;
    int count = 0;
    std::string input, output;
    **sql << "SELECT count(*) FROM requests JOIN responses ON responses.request_id = requests.id "
             "WHERE dialect = 'tabular' AND model = 'heart_failure' AND user_id = 1",
        soci::into(count);
    EXPECT_EQ(count, i);
    **sql << "SELECT input, output FROM requests JOIN responses ON responses.request_id = requests.id "
             "ORDER BY requests.id DESC LIMIT 1",
        soci::into(input), soci::into(output);
    EXPECT_THAT(input, HasSubstr(R"("creatinine_phosphokinase":582)"));
    EXPECT_THAT(output, HasSubstr(R"("probability":)" + text_at(json_of(answer), "yhat_prob")));
  }
}

TEST_F(TabularApi, NamesTheFeatureThatNothingFills) {
  const auto config = folder_ / "models/heart_failure/1/model.yaml";
  auto text = read_file(config);
  const auto begin = text.find("  age: 60.0\n");
  ASSERT_NE(begin, std::string::npos);
  folder_.write("models/heart_failure/1/model.yaml", text.erase(begin, std::string("  age: 60.0\n").size()));
  const ServerProcess server(options("closed"));
  auto admin = server.admin();
  EXPECT_EQ(
      admin.post_json("/predict", R"({"sex":true})").body,
      R"({"message":"Bad request","errors":{"age":["is missing, and the model declares nothing to fill it with"]}})");
  EXPECT_EQ(admin.post_json("/predict", kRow).status, 200);
}

TEST_F(TabularApi, IsNotThereUnlessTheConfigurationSaysSo) {
  auto off = options("open");
  off.config = "";
  const ServerProcess server(off);
  auto admin = server.admin();
  EXPECT_EQ(admin.post_json("/predict", kRow).status, 404);
  EXPECT_EQ(admin.post_json("/register-user", "{}").status, 404);
  EXPECT_EQ(admin.get("/swagger.json").body.find("register-user"), std::string::npos);
}

}  // namespace
}  // namespace berth::test
