// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <mutex>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

struct Training {
  std::promise<Outcome> ended;
  std::mutex mutex;
  std::vector<Progress> progress;

  std::vector<Progress> seen() {
    const std::scoped_lock lock(mutex);
    return progress;
  }
};

std::unique_ptr<Run> start(House& house, Training& training, const std::string& args) {
  Call call;
  call.args_json = args;
  auto run = house.registry->start_run(
      house.model("probe"), std::move(call),
      [&training](Progress progress) {
        const std::scoped_lock lock(training.mutex);
        training.progress.push_back(std::move(progress));
      },
      [&training](Outcome&& outcome) { training.ended.set_value(std::move(outcome)); });
  EXPECT_TRUE(run) << run.error().message;
  return run ? std::move(*run) : nullptr;
}

TEST(Run, TrainsInAWorkerOfItsOwnAndTellsItsProgress) {
  House house;
  house.load({"probe_v2"});
  Training training;
  const auto run = start(house, training, R"({"sleep":0.2})");
  EXPECT_TRUE(ask(house.model("probe"), R"({"mode":"echo"})").output);
  const auto outcome = wait(training.ended.get_future());
  EXPECT_TRUE(outcome.output) << body(outcome);
  EXPECT_FALSE(training.seen().empty());
}

TEST(Run, ObeysTheStopFlag) {
  House house;
  house.load({"probe_v2"});
  Training training;
  const auto run = start(house, training, R"({"sleep":3600})");
  ASSERT_TRUE(eventually([&] { return !training.seen().empty(); }));
  run->request_stop();
  wait(training.ended.get_future());
}

TEST(Run, IsCancelledByKill) {
  House house;
  house.load({"probe_v2"});
  Training training;
  const auto run = start(house, training, R"({"sleep":3600})");
  run->kill();
  const auto outcome = wait(training.ended.get_future());
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::cancelled);
}

TEST(Run, OfAModelThatCannotTrainIsNotImplemented) {
  House house;
  house.load({"echo"});
  const auto run = house.registry->start_run(house.model("echo"), {}, {}, [](Outcome&&) {});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Code::not_implemented);
}

TEST(Run, IsStoppedByDrainAndAnswered) {
  House house;
  house.load({"probe_v2"});
  Training training;
  const auto run = start(house, training, R"({"sleep":3600})");
  ASSERT_TRUE(eventually([&] { return !training.seen().empty(); }));
  house.registry->drain(30s);
  auto ended = training.ended.get_future();
  ASSERT_EQ(ended.wait_for(0s), std::future_status::ready);
  Call call;
  EXPECT_EQ(house.registry->start_run(house.model("probe"), call, {}, {}).error().code, Code::cancelled);
}

}  // namespace
}  // namespace berth::hosting
