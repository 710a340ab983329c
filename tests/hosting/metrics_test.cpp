// SPDX-License-Identifier: Apache-2.0
// What plugins count arrives, and costs the server no more than it allows.
#include <gmock/gmock.h>

#include "hosting/hosted_model.h"
#include "hosting/house.h"

namespace berth::hosting {
namespace {

double talked(const ModelPtr& model) {
  const auto values = std::dynamic_pointer_cast<HostedModel>(model)->metrics()->values();
  const auto found = values.find("talked");
  return found == values.end() ? 0 : found->second;
}

TEST(Metrics, AFloodOfCountsIsAddedUpAndLosesNothing) {
  House house;
  house.load({"talker"});
  const auto talker = house.model("talker");
  constexpr int kFlood = 100'000;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(ask(talker, R"({"log":"","print":"","count":100000,"die":false})").output);
  // One message each would be held to 2000 a second.
  EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
  EXPECT_TRUE(eventually([&] {
    // What was held back goes out when a later call ends.
    EXPECT_TRUE(ask(talker, R"({"log":"","print":"","count":0,"die":false})").output);
    return talked(talker) == kFlood;
  })) << talked(talker);
}

TEST(Metrics, OfAWorkerThatDoesNotHoldThemBackAreReadNoFaster) {
  House house;
  house.options.worker_program = BERTH_HOSTILE_WORKER;
  std::filesystem::copy(std::string(BERTH_FAKES_DIR) + "/echo.so", house.folder / "plugins/metric_flood.so");
  house.load();
  const auto start = std::chrono::steady_clock::now();
  const auto outcome = ask(house.model("metric_flood"), "{}");
  EXPECT_TRUE(outcome.output) << body(outcome);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
}

}  // namespace
}  // namespace berth::hosting
