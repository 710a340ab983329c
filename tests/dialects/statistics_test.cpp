// SPDX-License-Identifier: Apache-2.0
// Statistics as Triton tells them, and what Prometheus reads.
#include "dialects/fixture.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

class Statistics : public DialectTest {
 protected:
  void SetUp() override {
    hosting::Description description;
    description.has_predict_data = true;
    description.metadata_json = R"({"name":"m","berth":{"takes_files":false}})";
    description.test_args_json = R"([{"name":"top_k","type":"int","default":5,"min":1}])";
    add("m", description, [this](hosting::Call, hosting::OnOutcome on_outcome) {
      on_outcome({output_, {.queue_ns = 10, .input_ns = 20, .compute_ns = 30, .output_ns = 40}, "1"});
    });
    open();
  }
  http::Response predict(int top_k) { return ask("POST", "/v2/models/m/predict?top_k=" + std::to_string(top_k)); }
  json::Document stats(const std::string& target = "/v2/models/m/stats") {
    const auto response = ask("GET", target);
    EXPECT_EQ(response.status, 200) << response.body.view();
    return body_of(response);
  }
  static std::string figure(const json::Value& stats, const char* name) {
    return json::to_text(stats["inference_stats"][name]);
  }

  Result<hosting::Output> output_ = hosting::Output{hosting::Output::Kind::json, Bytes(std::string("7")), "", "", {}};
};

TEST_F(Statistics, AreThereBeforeAnyCall) {
  const auto all = stats();
  ASSERT_EQ(all["model_stats"].Size(), 1U);
  const auto& m = all["model_stats"][0];
  EXPECT_EQ(json::to_text(m["name"]), R"("m")");
  EXPECT_EQ(json::to_text(m["version"]), R"("1")");
  EXPECT_EQ(m["last_inference"].GetInt64(), 0);
  EXPECT_EQ(m["inference_count"].GetUint64(), 0U);
  EXPECT_EQ(m["execution_count"].GetUint64(), 0U);
  EXPECT_EQ(m["batch_stats"].Size(), 0U);
  for (const auto* name :
       {"success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss"}) {
    EXPECT_EQ(figure(m, name), R"({"count":0,"ns":0})") << name;
  }
}

TEST_F(Statistics, CountWhatSucceededByStage) {
  EXPECT_EQ(predict(1).status, 200);
  EXPECT_EQ(predict(2).status, 200);
  const auto all = stats("/v2/models/m/versions/1/stats");
  const auto& m = all["model_stats"][0];
  EXPECT_EQ(m["inference_count"].GetUint64(), 2U);
  EXPECT_GT(m["last_inference"].GetInt64(), 1'700'000'000'000);
  EXPECT_EQ(figure(m, "queue"), R"({"count":2,"ns":20})");
  EXPECT_EQ(figure(m, "compute_input"), R"({"count":2,"ns":40})");
  EXPECT_EQ(figure(m, "compute_infer"), R"({"count":2,"ns":60})");
  EXPECT_EQ(figure(m, "compute_output"), R"({"count":2,"ns":80})");
  EXPECT_EQ(m["inference_stats"]["success"]["count"].GetUint64(), 2U);
  EXPECT_GT(m["inference_stats"]["success"]["ns"].GetUint64(), 0U);
  EXPECT_EQ(figure(m, "fail"), R"({"count":0,"ns":0})");
}

TEST_F(Statistics, OfAllThatServesAreToldAtOnce) {
  hosting::Description description;
  description.has_predict_data = true;
  add("n", description, {});
  registry_.listings.push_back({"broken", "1", "", {hosting::State::unavailable, "no weights", {}, 0, 0}, nullptr});
  EXPECT_EQ(predict(1).status, 200);
  const auto all = stats("/v2/models/stats");
  ASSERT_EQ(all["model_stats"].Size(), 2U);
  EXPECT_EQ(json::to_text(all["model_stats"][0]["name"]), R"("m")");
  EXPECT_EQ(all["model_stats"][0]["inference_count"].GetUint64(), 1U);
  EXPECT_EQ(json::to_text(all["model_stats"][1]["name"]), R"("n")");
  const auto wrong = ask("POST", "/v2/models/stats");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_TRUE(body_of(wrong)["error"].IsString());
}

TEST_F(Statistics, CountWhatFailedWhereverItDid) {
  EXPECT_EQ(predict(0).status, 422) << "its argument is refused before the model hears of it";
  output_ = failure(Code::timeout, "the model took too long");
  EXPECT_EQ(predict(1).status, 504);
  output_ = hosting::Output{hosting::Output::Kind::json, Bytes(std::string("{7")), "", "", {}};
  EXPECT_EQ(predict(1).status, 500) << "its answer is refused after it";
  const auto all = stats();
  const auto& m = all["model_stats"][0];
  EXPECT_EQ(m["inference_stats"]["fail"]["count"].GetUint64(), 3U);
  EXPECT_GT(m["inference_stats"]["fail"]["ns"].GetUint64(), 0U);
  EXPECT_EQ(m["inference_count"].GetUint64(), 0U);
  const std::string text(ask("GET", "/metrics").body.view());
  const std::string predictions = R"(berth_predictions_total{model="m",version="1",code=)";
  EXPECT_THAT(text, HasSubstr(predictions + "\"invalid_argument\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(predictions + "\"timeout\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(predictions + "\"internal\"} 1\n"));
}

TEST_F(Statistics, AnswerErrorsAsTheProtocolDoes) {
  const auto unknown = ask("GET", "/v2/models/nobody/stats");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(body_of(unknown)["error"].IsString());
  const auto version = ask("GET", "/v2/models/m/versions/9/stats");
  EXPECT_EQ(version.status, 404);
  EXPECT_TRUE(body_of(version)["error"].IsString());
  registry_.listings.push_back({"broken", "1", "", {hosting::State::unavailable, "no weights", {}, 0, 0}, nullptr});
  const auto broken = ask("GET", "/v2/models/broken/stats");
  EXPECT_EQ(broken.status, 503);
  EXPECT_TRUE(body_of(broken)["error"].IsString());
  EXPECT_EQ(ask("POST", "/v2/models/m/stats").status, 405);
}

TEST_F(Statistics, OfTheServerAreForPrometheus) {
  const auto response = ask("GET", "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(std::string(response.body.view()), HasSubstr("berth_http_requests_total 12\n"));
}

}  // namespace
}  // namespace berth::test
