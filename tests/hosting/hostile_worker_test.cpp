// SPDX-License-Identifier: Apache-2.0
// The server believes nothing that a worker says.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <vector>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

// Its worker does what its name says.
void add_hostile(House& house, const std::string& name) {
  house.options.worker_program = BERTH_HOSTILE_WORKER;
  std::filesystem::copy(std::string(BERTH_FAKES_DIR) + "/echo.so", house.folder / "plugins" / (name + ".so"));
}

class HostileWorker : public testing::TestWithParam<const char*> {};

TEST_P(HostileWorker, IsKilledAndItsCallAnswered) {
  House house;
  add_hostile(house, GetParam());
  house.load();
  const auto model = house.model(GetParam());
  ASSERT_NE(model, nullptr);
  const auto outcome = ask(model, "{}");
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::internal);
  EXPECT_THAT(outcome.output.error().message, testing::HasSubstr("died twice"));
}

TEST_P(HostileWorker, EndsItsTraining) {
  House house;
  add_hostile(house, GetParam());
  house.load();
  std::promise<Outcome> ended;
  const auto run = house.registry->start_run(house.model(GetParam()), {}, {},
                                             [&](Outcome&& outcome) { ended.set_value(std::move(outcome)); });
  ASSERT_TRUE(run) << run.error().message;
  const auto outcome = wait(ended.get_future());
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::internal);
  EXPECT_THAT(outcome.output.error().message, testing::HasSubstr("makes no sense"));
}

INSTANTIATE_TEST_SUITE_P(Says, HostileWorker,
                         testing::Values("noise", "unknown_type", "tiny_packet", "huge_count", "old_sequence",
                                         "outside", "overflowing", "too_long", "bad_kind", "inline_body", "same_bytes",
                                         "many_tensors", "long_label", "trailing", "spill_outside", "side_noise",
                                         "second_ready"),
                         [](const auto& test) { return std::string(test.param); });

TEST(EarlyAnswer, IsNoAnswer) {
  House house;
  add_hostile(house, "early");
  house.load();
  Call call;
  call.files.push_back({"data", "", "", Bytes(std::string(64'000'000, 'x'))});
  const auto outcome = wait(submit(house.model("early"), std::move(call)));
  ASSERT_FALSE(outcome.output);
  EXPECT_THAT(outcome.output.error().message, testing::HasSubstr("died twice"));
}

TEST(SecondAnswer, KillsTheWorkerAndLeavesTheFirst) {
  House house;
  add_hostile(house, "twice");
  house.load();
  const auto twice = house.model("twice");
  const auto outcome = ask(twice, "{}");
  ASSERT_TRUE(outcome.output) << body(outcome);
  EXPECT_EQ(outcome.output->body.view().size(), std::size_t{2} << 20);
  EXPECT_TRUE(eventually([&] { return twice->status().restarts > 0; }));
  EXPECT_TRUE(ask(twice, "{}").output);
}

TEST(HostileProgress, IsPassedOnWhereItIsAnObjectAndNotTooFast) {
  House house;
  add_hostile(house, "progress_flood");
  house.load();
  std::vector<Progress> heard;  // on one thread, before the end
  std::promise<Outcome> ended;
  const auto start = std::chrono::steady_clock::now();
  const auto run = house.registry->start_run(
      house.model("progress_flood"), {}, [&](Progress progress) { heard.push_back(std::move(progress)); },
      [&](Outcome&& outcome) { ended.set_value(std::move(outcome)); });
  ASSERT_TRUE(run) << run.error().message;
  const auto outcome = wait(ended.get_future());
  ASSERT_TRUE(outcome.output) << body(outcome);
  const auto seconds = (std::chrono::steady_clock::now() - start) / 1s;
  ASSERT_GE(heard.size(), 3U);
  EXPECT_EQ(heard[0].fraction, 0.25);
  EXPECT_EQ(heard[0].details_json, "");
  EXPECT_EQ(heard[1].fraction, 0.75);
  EXPECT_EQ(heard[1].details_json, R"({"epoch":1})");
  EXPECT_LE(heard.size(), 100U * static_cast<std::size_t>(seconds + 1));
}

TEST(SecondFetch, BeforeTheAnswerToTheFirstKillsTheWorker) {
  std::atomic<int> fetches = 0;
  House house;
  house.options.fetch = [&](const std::string&, const std::function<void(Result<File>)>&) { ++fetches; };
  add_hostile(house, "two_fetches");
  house.load();
  const auto outcome = ask(house.model("two_fetches"), "{}");
  ASSERT_FALSE(outcome.output);
  EXPECT_THAT(outcome.output.error().message, testing::HasSubstr("died twice"));
  EXPECT_EQ(fetches, 2) << "one of each worker";
}

}  // namespace
}  // namespace berth::hosting
