// SPDX-License-Identifier: Apache-2.0
// What plugins count arrives, and costs the server no more than it allows.
#include <gmock/gmock.h>

#include <limits>

#include "berth/abi.h"
#include "hosting/house.h"
#include "hosting/metric_table.h"
#include "worker/confine.h"

namespace berth::hosting {
namespace {

double talked(const ModelPtr& model) {
  const auto values = model->own_metrics();
  const auto found = values.find("talked");
  return found == values.end() ? 0 : found->second.value;
}

TEST(Metrics, ThatNoneMayBeAreDropped) {
  MetricTable table;
  for (const std::string name : {"", "9lives", "a b", "evil 1\nfake", "\xc3\xa9", "a-b"})
    table.take(BERTH_GAUGE, name, 1);
  table.take(BERTH_GAUGE, std::string(129, 'x'), 1);
  table.take(BERTH_GAUGE, "endless", std::numeric_limits<double>::infinity());
  table.take(BERTH_GAUGE, "nothing", std::numeric_limits<double>::quiet_NaN());
  table.take(BERTH_COUNTER, "down", -1);
  EXPECT_TRUE(table.values().empty());
  table.take(BERTH_COUNTER, "seen", 2);
  table.take(BERTH_COUNTER, "seen", 3);
  table.take(BERTH_COUNTER, "seen", -4);
  table.take(BERTH_GAUGE, "level", 2);
  table.take(BERTH_GAUGE, "level", -3);
  table.take(BERTH_GAUGE, "seen", 1);
  table.take(BERTH_COUNTER, "level", 1);
  table.take(BERTH_COUNTER, "much", std::numeric_limits<double>::max());
  table.take(BERTH_COUNTER, "much", std::numeric_limits<double>::max());
  const auto values = table.values();
  EXPECT_EQ(values.at("much").value, std::numeric_limits<double>::max());
  EXPECT_EQ(values.at("seen").value, 5);
  EXPECT_TRUE(values.at("seen").is_counter);
  EXPECT_EQ(values.at("level").value, -3);
  EXPECT_FALSE(values.at("level").is_counter);
}

TEST(Metrics, AreOfAtMostSoManyNames) {
  MetricTable table;
  for (int i = 0; i < 1000; ++i) table.take(BERTH_COUNTER, std::string("m").append(std::to_string(i)), 1);
  table.take(BERTH_COUNTER, "m0", 1);
  EXPECT_EQ(table.values().size(), 256U);
  EXPECT_EQ(table.values().at("m0").value, 2);
}

TEST(Metrics, AFloodOfCountsIsAddedUpAndLosesNothing) {
  House house;
  house.load({"talker"});
  const auto talker = house.model("talker");
  const int flood = worker::is_sanitized() ? 10'000 : 100'000;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(ask(talker, R"({"log":"","print":"","count":)" + std::to_string(flood) + R"(,"die":false})").output);
  // One message each would be held to 2000 a second.
  if (!worker::is_sanitized()) {
    EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
  }
  EXPECT_TRUE(eventually([&] {
    // What was held back goes out when a later call ends.
    EXPECT_TRUE(ask(talker, R"({"log":"","print":"","count":0,"die":false})").output);
    return talked(talker) == flood;
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
