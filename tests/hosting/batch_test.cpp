// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <map>

#include "base/json.h"
#include "hosting/house.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

int batch_size(const Outcome& outcome) {
  const auto document = json::parse(body(outcome));
  const auto* size = document ? json::find(*document, "batch_size") : nullptr;
  EXPECT_NE(size, nullptr) << body(outcome);
  return size == nullptr ? 0 : size->GetInt();
}

TEST(Batch, WaitingCallsGoTogetherUpToMaxBatch) {
  House house;
  house.serving.max_batch = 4;
  house.serving.max_batch_delay = 60s;  // nothing leaves before four are there
  house.load({"batcher"});
  std::vector<std::future<Outcome>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(submit(house.model("batcher"), R"({"tell":true,"value":)" + std::to_string(i) + "}"));
  }
  for (int i = 0; i < 8; ++i) {
    const auto outcome = wait(std::move(calls[static_cast<std::size_t>(i)]));
    EXPECT_EQ(batch_size(outcome), 4);
    EXPECT_THAT(body(outcome), HasSubstr("\"doubled\":" + std::to_string(2 * i)));
  }
}

TEST(Batch, ALoneCallWaitsForCompanyNoLongerThanTheDelay) {
  House house;
  house.serving.max_batch_delay = 20ms;
  house.load({"batcher"});
  const auto outcome = ask(house.model("batcher"), R"({"tell":true,"value":3})");
  EXPECT_EQ(batch_size(outcome), 1);
  EXPECT_GE(outcome.timings.queue_ns, 20'000'000U);
}

TEST(Batch, OneCallsErrorIsItsOwn) {
  House house;
  house.serving.max_batch_delay = 50ms;
  house.load({"batcher"});
  auto good = submit(house.model("batcher"), R"({"value":3,"tell":false})");
  auto bad = submit(house.model("batcher"), R"({"value":-1,"tell":false})");
  EXPECT_EQ(body(wait(std::move(good))), R"({"doubled":6})");
  const auto refused = wait(std::move(bad));
  ASSERT_FALSE(refused.output);
  EXPECT_EQ(refused.output.error().model_status, 422);
  EXPECT_EQ(refused.output.error().message, "negative numbers are not doubled");
}

TEST(Batch, IsSplitWhereTogetherItIsTooLarge) {
  House house;
  house.serving.max_input_bytes = 100'000;
  house.load({"large"});
  std::vector<std::future<Outcome>> calls;
  for (int i = 0; i < 6; ++i) {
    Call call;
    call.args_json = R"({"n":2,"padding":")" + std::string(40'000, 'p') + "\"}";
    calls.push_back(submit(house.model("large"), std::move(call)));
  }
  for (auto& call : calls) EXPECT_EQ(body(wait(std::move(call))), "xx");
}

TEST(Batch, WhoseAnswersDoNotFitTogetherIsAnsweredOneByOne) {
  House house;
  house.serving.max_output_bytes = 100'000;
  house.serving.max_batch_delay = 20ms;
  house.load({"large"});
  std::vector<std::future<Outcome>> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(submit(house.model("large"), R"({"n":60000})"));
  for (auto& call : calls) {
    const auto outcome = wait(std::move(call));
    ASSERT_TRUE(outcome.output) << body(outcome);
    EXPECT_EQ(outcome.output->body.size(), 60'000U);
  }
}

TEST(Batch, OfAModelWithoutPredictBatchIsNeverMade) {
  House house;
  house.serving.max_batch_delay = 60s;
  house.load({"sleeper"});
  const auto outcome = ask(house.model("sleeper"), R"({"seconds":0})");
  EXPECT_LT(outcome.timings.queue_ns, 500'000'000U);
}

}  // namespace
}  // namespace berth::hosting
