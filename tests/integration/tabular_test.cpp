// SPDX-License-Identifier: Apache-2.0
// A table model all the way: predictions, a training over the API, and the version that it makes.
#include <optional>
#include <thread>

#include "fixtures.h"

namespace berth::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const fs::path kHeartFailure = fs::path(BERTH_MODELS_DIR) / "heart_failure";
constexpr const char* kTable = "heart_failure_clinical_records.csv";
constexpr const char* kRow = R"({"age":75,"ejection_fraction":20,"serum_creatinine":1.9,"serum_sodium":130,"sex":"1"})";

class TabularTest : public testing::Test {
 protected:
  TabularTest() {
    fs::create_directories(folder_ / "models/heart_failure");
    fs::copy(kHeartFailure / "1", folder_ / "models/heart_failure/1");
    folder_.write(std::string("data/").append(kTable), read_file(kHeartFailure / kTable));
    server_.emplace(ServerProcess::Options{
        .plugins = {plugin("tabular_classifier")},
        .models_dir = folder_ / "models",
        .config = "server: {data_dir: " + (folder_ / "data").string() + ", watch_settle: 50ms}\n"});
    client_.emplace(server_->client());
  }

  HttpAnswer predict() { return client_->post_json("/v2/models/heart_failure/predict/", kRow); }
  // The record of a training once it has ended.
  json::Document ended(const HttpAnswer& started) {
    EXPECT_EQ(started.status, 200) << started.body;
    const auto path = "/v2/models/heart_failure/train/" + text_at(json_of(started), "uuid");
    const auto deadline = std::chrono::steady_clock::now() + 120s;
    while (true) {
      auto record = json_of(client_->get(path));
      if (text_at(record, "status") != "running" || std::chrono::steady_clock::now() > deadline) return record;
      std::this_thread::yield();
    }
  }
  // Whether that version answers, soon.
  bool serves(const std::string& version) {
    const auto deadline = std::chrono::steady_clock::now() + 120s;
    while (predict().header("x-model-version") != version) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  TempFolder folder_;
  std::optional<ServerProcess> server_;
  std::optional<HttpClient> client_;
};

TEST_F(TabularTest, ATrainingFromTheDataFolderMakesTheVersionThatAnswersNext) {
  const auto before = predict();
  ASSERT_EQ(before.status, 200) << before.body;
  EXPECT_EQ(before.header("x-model-version"), "1");
  const auto record = ended(
      client_->send("POST", std::string("/v2/models/heart_failure/train/?model=mlp&folds=2&epochs=30&data=") + kTable));
  ASSERT_EQ(text_at(record, "status"), "done") << json::to_text(record);
  const auto version = text_at(record["result"], "new_version");
  EXPECT_EQ(version.size(), 12U);
  EXPECT_TRUE(serves(version));
  const auto after = json_of(predict());
  EXPECT_EQ(after["label"].GetInt(), 1);
}

TEST_F(TabularTest, ATrainingFromAnUploadMakesTheVersionThatAnswersNext) {
  const auto record = ended(upload(*client_, "/v2/models/heart_failure/train/",
                                   {{.name = "model", .content = "logistic"},
                                    {.name = "folds", .content = "2"},
                                    {.name = "file",
                                     .content = read_file(kHeartFailure / kTable),
                                     .file_name = "rows.csv",
                                     .content_type = "text/csv"}}));
  ASSERT_EQ(text_at(record, "status"), "done") << json::to_text(record);
  EXPECT_EQ(record["result"]["output"]["rows"].GetInt(), 299) << json::to_text(record);
  EXPECT_TRUE(serves(text_at(record["result"], "new_version")));
  EXPECT_EQ(json_of(predict())["label"].GetInt(), 1);
}

TEST_F(TabularTest, ATrainingFromAnUploadTellsWhatIsWrongWithIt) {
  const auto record = ended(upload(*client_, "/v2/models/heart_failure/train/",
                                   {{.name = "file",
                                     .content = read_file(kHeartFailure / kTable) + "seventy,0,1,0,1,0,1,1,1,1,1,1,1\n",
                                     .file_name = "rows.csv",
                                     .content_type = "text/csv"}}));
  EXPECT_EQ(text_at(record, "status"), "error");
  EXPECT_EQ(text_at(record, "message"), "rows.csv: line 301, column 'age': 'seventy' is no number");
  EXPECT_EQ(predict().header("x-model-version"), "1");
}

TEST_F(TabularTest, ABadFeatureIsNamed) {
  const auto answer = client_->post_json("/v2/models/heart_failure/predict/", R"({"rows":[{"age":"old"}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("rows[0]: age: 'old' is no number"), std::string::npos) << answer.body;
}

}  // namespace
}  // namespace berth::test
