// SPDX-License-Identifier: Apache-2.0
// Trainings over the real API: in a process of their own, beside predictions.
#include <functional>
#include <thread>

#include "fixtures.h"

namespace berth::test {
namespace {

using namespace std::chrono_literals;

class TrainingTest : public testing::Test {
 protected:
  json::Document wait_for_end(const std::string& uuid) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (true) {
      auto record = json_of(client_.get("/v2/models/probe/train/" + uuid));
      if (text_at(record, "status") != "running" || std::chrono::steady_clock::now() > deadline) return record;
      std::this_thread::yield();
    }
  }
  bool wait_for_workers(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (server_.workers().size() == count) return true;
      std::this_thread::yield();
    }
    return false;
  }
  std::string start(std::string_view query) {
    const auto answer = client_.send("POST", "/v2/models/probe/train/?" + std::string(query));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return text_at(json_of(answer), "uuid");
  }

  ServerProcess server_{{.plugins = {fake("probe_v2")}}};
  HttpClient client_ = server_.client();
};

TEST_F(TrainingTest, RunsToItsEndAndKeepsItsResult) {
  const auto uuid = start("sleep=0.1&name=zed");
  EXPECT_EQ(uuid.size(), 32u);
  const auto record = wait_for_end(uuid);
  EXPECT_EQ(text_at(record, "status"), "done");
  ASSERT_NE(json::find(record, "result"), nullptr);
  ASSERT_NE(json::find(record["result"], "output"), nullptr);
  EXPECT_EQ(text_at(record["result"]["output"], "name"), "zed");
  EXPECT_NE(json::find(record["result"], "finish_date"), nullptr);
  EXPECT_NE(json::find(record["result"], "duration"), nullptr);
}

TEST_F(TrainingTest, AFailureIsRecorded) {
  EXPECT_EQ(text_at(wait_for_end(start("sleep=0.01&fail=true")), "status"), "error");
}

TEST_F(TrainingTest, CancelEndsItAndItsProcess) {
  const auto idle = server_.workers().size();
  const auto uuid = start("sleep=60");
  EXPECT_TRUE(wait_for_workers(idle + 1));
  const auto cancelled = client_.send("DELETE", "/v2/models/probe/train/" + uuid);
  EXPECT_EQ(cancelled.status, 200) << cancelled.body;
  EXPECT_EQ(text_at(json_of(cancelled), "status"), "cancelled");
  EXPECT_TRUE(wait_for_workers(idle));
}

TEST_F(TrainingTest, PredictionsDoNotWaitForIt) {
  const auto uuid = start("sleep=60");
  EXPECT_EQ(client_.post_json("/v2/models/probe/predict/", "{}").status, 200);
  EXPECT_EQ(text_at(json_of(client_.get("/v2/models/probe/train/" + uuid)), "status"), "running");
  const auto list = json_of(client_.get("/v2/models/probe/train/"));
  ASSERT_TRUE(list.IsArray());
  EXPECT_EQ(list.Size(), 1u);
}

TEST_F(TrainingTest, TakesFiles) {
  const auto answer =
      upload(client_, "/v2/models/probe/train/",
             {{.name = "sleep", .content = "0.01"},
              {.name = "file", .content = "a,b\n1,2\n", .file_name = "rows.csv", .content_type = "text/csv"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto record = wait_for_end(text_at(json_of(answer), "uuid"));
  EXPECT_EQ(text_at(record, "status"), "done");
  ASSERT_NE(json::find(record, "result"), nullptr);
  ASSERT_NE(json::find(record["result"], "output"), nullptr);
  const auto* bytes = json::find(record["result"]["output"], "file_bytes");
  ASSERT_NE(bytes, nullptr);
  EXPECT_EQ(bytes->GetInt(), 8);
}

}  // namespace
}  // namespace berth::test
