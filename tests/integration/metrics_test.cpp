// SPDX-License-Identifier: Apache-2.0
// Statistics and metrics of a server at work.
#include <gmock/gmock.h>

#include "fixtures.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, AreThoseOfTheWorkDone) {
  const ServerProcess server({.plugins = {fake("talker"), plugin("greeter")}});
  auto client = server.client();
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.post_json("/v2/models/talker/predict", R"({"log":"","print":"","count":2,"die":false})");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  ASSERT_EQ(client.post_json("/v2/models/talker/predict", R"({"count":"many"})").status, 422);

  const auto answer = client.get("/v2/models/talker/stats");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto all = json_of(answer);
  const auto& stats = all["model_stats"][0];
  EXPECT_EQ(stats["inference_count"].GetUint64(), 3U);
  EXPECT_EQ(stats["execution_count"].GetUint64(), 3U);
  EXPECT_EQ(stats["batch_stats"][0]["batch_size"].GetUint64(), 1U);
  EXPECT_EQ(stats["batch_stats"][0]["compute_infer"]["count"].GetUint64(), 3U);
  EXPECT_EQ(stats["inference_stats"]["fail"]["count"].GetUint64(), 1U);
  const auto ns = [&](const char* name) { return stats["inference_stats"][name]["ns"].GetUint64(); };
  EXPECT_GT(ns("compute_infer"), 0U);
  EXPECT_LE(ns("queue") + ns("compute_input") + ns("compute_infer") + ns("compute_output"), ns("success"));

  const std::string of_talker = R"({model="talker",version="1.0")";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  auto admin = server.admin();
  auto metrics = admin.get("/metrics");
  // What a plugin counts comes over another socket than its answers.
  while (metrics.body.find("berth_plugin_talked_total" + of_talker + "} 6\n") == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    metrics = admin.get("/metrics");
  }
  EXPECT_EQ(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const auto& sample :
       {"berth_plugin_talked_total" + of_talker + "} 6\n", "berth_predictions_total" + of_talker + ",code=\"ok\"} 3\n",
        "berth_predictions_total" + of_talker + ",code=\"invalid_argument\"} 1\n",
        "berth_prediction_duration_seconds_count" + of_talker + "} 3\n",
        "berth_executions_total" + of_talker + ",batch_size=\"1\"} 3\n",
        "berth_workers" + of_talker + ",state=\"idle\"} 1\n", "berth_queue_depth" + of_talker + "} 0\n",
        "berth_worker_restarts_total" + of_talker + "} 0\n", "berth_model_ready" + of_talker + "} 1\n",
        std::string("berth_http_requests_in_flight 1\n")}) {
    EXPECT_THAT(metrics.body, HasSubstr(sample));
  }
  EXPECT_THAT(metrics.body, Not(HasSubstr("berth_worker_memory_bytes" + of_talker + "} 0\n")));
  EXPECT_THAT(metrics.body, HasSubstr(R"(berth_predictions_total{model="greeter",version="0.1.0",code="ok"} 0)"));
}

}  // namespace
}  // namespace berth::test
