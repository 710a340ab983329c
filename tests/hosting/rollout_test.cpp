// SPDX-License-Identifier: Apache-2.0
#include "hosting/rollout.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "support/temp_folder.h"

namespace berth::hosting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Versions = std::vector<VersionState>;

constexpr bool kReady = true, kFailed = true;

TEST(Plan, StartsTheHighestAndKeepsTheOneBeforeUntilItIsReady) {
  const auto loading = plan({}, {}, {{"1", kReady}, {"2"}});
  EXPECT_THAT(loading.start, ElementsAre("2"));
  EXPECT_THAT(loading.keep, ElementsAre("2", "1"));
  const auto loaded = plan({}, {}, {{"1", kReady}, {"2", kReady}});
  EXPECT_THAT(loaded.keep, ElementsAre("2"));
}

TEST(Plan, KeepsWhatServesWhereNothingElseCan) {
  const auto failed = plan({}, {}, {{"1", kReady, false, false}, {"2", false, kFailed}});
  EXPECT_THAT(failed.start, ElementsAre("2"));
  EXPECT_THAT(failed.keep, ElementsAre("2", "1"));
  const auto gone = plan({}, {}, {{"1", kReady, false, false}});
  EXPECT_TRUE(gone.keep.empty());
  const auto replaced = plan({}, {}, {{"1", kReady, false, false}, {"2", kReady}});
  EXPECT_THAT(replaced.keep, ElementsAre("2"));
}

TEST(Plan, KeepsTheActiveVersionUntilItsSuccessorIsReady) {
  Rollout rollout;
  rollout.active = "3";
  rollout.previous = {"1"};
  EXPECT_THAT(plan({}, rollout, {{"1", kReady}, {"3"}, {"4", kReady}}).keep, UnorderedElementsAre("1", "3", "4"));
  EXPECT_THAT(plan({}, rollout, {{"1", kReady}, {"3", kReady}, {"4", kReady}}).keep, UnorderedElementsAre("3", "4"));
}

TEST(Plan, KeepsTheActiveVersionWhereItsSuccessorFailed) {
  Rollout rollout;
  rollout.active = "2";
  rollout.previous = {"1"};
  const auto promoted = plan({}, rollout, {{"1", kReady}, {"2", false, kFailed}, {"3", kReady}}, {"1", {}});
  EXPECT_THAT(promoted.keep, UnorderedElementsAre("1", "2", "3"));
  EXPECT_EQ(promoted.targets.active, "1");
  const auto mended = plan({}, rollout, {{"1", kReady}, {"2", kReady}, {"3", kReady}}, {"1", {}});
  EXPECT_THAT(mended.keep, UnorderedElementsAre("2", "3"));
  EXPECT_EQ(mended.targets.active, "2");
}

TEST(Plan, KeepsTheActiveVersionWhileTheOneBeforeItIsLoadedAgain) {
  Rollout rollout;
  promote(rollout, "1");
  promote(rollout, "2");
  ASSERT_TRUE(roll_back(rollout));
  for (const bool failed : {false, true}) {
    const auto back = plan({}, rollout, {{"1", false, failed}, {"2", kReady}, {"3", kReady}}, {"2", {}});
    EXPECT_THAT(back.keep, UnorderedElementsAre("1", "2", "3"));
    EXPECT_EQ(back.targets.active, "2");
  }
}

TEST(Plan, LeadsALabelWhereItLedUntilItsVersionIsReady) {
  Rollout rollout;
  rollout.labels["canary"] = {"2", 0};
  const Targets before{"3", {{"canary", "1"}, {"gone", "3"}}};
  for (const bool failed : {false, true}) {
    const auto moving = plan({}, rollout, {{"1", kReady}, {"2", false, failed}, {"3", kReady}}, before);
    EXPECT_THAT(moving.keep, UnorderedElementsAre("1", "2", "3"));
    EXPECT_EQ(moving.targets, (Targets{"3", {{"canary", "1"}}}));
  }
  const auto moved = plan({}, rollout, {{"1", kReady}, {"2", kReady}, {"3", kReady}}, before);
  EXPECT_THAT(moved.keep, UnorderedElementsAre("2", "3"));
  EXPECT_EQ(moved.targets, (Targets{"3", {{"canary", "2"}}}));
  EXPECT_TRUE(plan({}, rollout, {{"2"}, {"3", kReady}}).targets.labels.empty());
}

TEST(Plan, AfterARestartLoadsTheOneBeforeTheActiveVersionWhereThatFails) {
  Rollout rollout;
  rollout.active = "2";
  rollout.previous = {"1"};
  const auto waits = plan({}, rollout, {{"1"}, {"2"}, {"3", kReady}});
  EXPECT_THAT(waits.start, UnorderedElementsAre("2", "3"));
  EXPECT_EQ(waits.targets.active, "");
  const auto failed = plan({}, rollout, {{"1"}, {"2", false, kFailed}, {"3", kReady}});
  EXPECT_THAT(failed.start, UnorderedElementsAre("1", "2", "3"));
  EXPECT_EQ(failed.targets.active, "");
  EXPECT_EQ(plan({}, rollout, {{"1", kReady}, {"2", false, kFailed}, {"3", kReady}}).targets.active, "1");
  EXPECT_EQ(plan({}, rollout, {{"1", false, kFailed}, {"2", false, kFailed}, {"3", kReady}}).targets.active, "3");
}

TEST(Plan, FallsBackWhereTheHighestCannotBeLoaded) {
  const auto result = plan({}, {}, {{"1"}, {"2"}, {"3", false, kFailed}});
  EXPECT_THAT(result.start, ElementsAre("3", "2"));
  EXPECT_THAT(result.keep, ElementsAre("3", "2", "1"));
}

TEST(Plan, ServesTheLastNOrAll) {
  const Versions versions{{"1", kReady}, {"2", kReady}, {"10", kReady}};
  EXPECT_THAT(plan({.latest = 2, .listed = {}}, {}, versions).start, ElementsAre("10", "2"));
  EXPECT_THAT(plan({.latest = 0, .listed = {}}, {}, versions).start, ElementsAre("10", "2", "1"));
}

TEST(Plan, ServesWhatIsListedAndKeepsTheRestUntilThatIsReady) {
  const VersionPolicy policy{.latest = 1, .listed = {"1", "3"}};
  EXPECT_THAT(plan(policy, {}, {{"1", kReady}, {"2", kReady}, {"3", kReady}}).keep, UnorderedElementsAre("1", "3"));
  const auto waiting = plan(policy, {}, {{"1", kReady}, {"2", kReady}, {"3"}});
  EXPECT_THAT(waiting.start, UnorderedElementsAre("1", "3"));
  EXPECT_THAT(waiting.keep, UnorderedElementsAre("1", "2", "3"));
}

TEST(Plan, ServesTheActiveVersionAndThoseWithALabelBesides) {
  Rollout rollout;
  rollout.active = "1";
  rollout.labels["canary"] = {"2", 100};
  const auto result = plan({}, rollout, {{"1", kReady}, {"2", kReady}, {"3", kReady}, {"4", kReady}});
  EXPECT_THAT(result.start, UnorderedElementsAre("1", "2", "4"));
  EXPECT_THAT(result.keep, UnorderedElementsAre("1", "2", "4"));
}

TEST(Plan, ServesNothingOfWhatWasUnloaded) {
  Rollout rollout;
  rollout.unloaded = true;
  EXPECT_TRUE(plan({}, rollout, {{"1", kReady}}).keep.empty());
}

TEST(Rollout, GoesBackToWhatWasActiveBefore) {
  Rollout rollout;
  EXPECT_EQ(roll_back(rollout).error().code, Code::conflict);
  promote(rollout, "1");
  promote(rollout, "2");
  promote(rollout, "2");
  ASSERT_TRUE(roll_back(rollout));
  EXPECT_EQ(rollout.active, "1");
  ASSERT_TRUE(roll_back(rollout));
  EXPECT_EQ(rollout.active, "");
  for (int i = 0; i < 100; ++i) promote(rollout, std::to_string(i));
  EXPECT_EQ(rollout.previous.size(), Rollout::kMaxPrevious);
}

std::map<std::string, int> shares(const TrafficSplit& split, std::uint64_t from) {
  std::map<std::string, int> counts;
  for (std::uint64_t i = 0; i < 1000; ++i) ++counts[split.choose(from + i)];
  return counts;
}

TEST(TrafficSplit, IsExactOverAnyThousandCalls) {
  Rollout rollout;
  rollout.labels["canary"] = {"2", 105};
  rollout.labels["dark"] = {"3", 1};
  rollout.labels["stable"] = {"1", 0};
  const TrafficSplit split(rollout);
  for (const std::uint64_t from : {0UL, 1UL, 777UL, 123'456'789UL}) {
    EXPECT_EQ(shares(split, from), (std::map<std::string, int>{{"", 894}, {"canary", 105}, {"dark", 1}}));
  }
  EXPECT_FALSE(split.is_even());
  EXPECT_TRUE(TrafficSplit(Rollout{}).is_even());
}

TEST(TrafficSplit, SpreadsAShareEvenly) {
  Rollout rollout;
  rollout.labels["canary"] = {"2", 250};
  const TrafficSplit split(rollout);
  for (std::uint64_t from = 0; from < 1000; from += 4) {
    int canary = 0;
    for (std::uint64_t i = from; i < from + 4; ++i) canary += split.choose(i) == "canary";
    EXPECT_EQ(canary, 1) << from;
  }
}

TEST(TrafficSplit, KeepsAPrincipalWhereItIsWhileTheShareGrows) {
  Rollout rollout;
  rollout.labels["canary"] = {"2", 100};
  const TrafficSplit small(rollout);
  rollout.labels["canary"].permille = 300;
  const TrafficSplit large(rollout);
  int in_small = 0, in_large = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto principal = "user-" + std::to_string(i);
    EXPECT_EQ(small.choose(principal), small.choose(principal));
    if (small.choose(principal) == "canary") {
      EXPECT_EQ(large.choose(principal), "canary");
      ++in_small;
    }
    in_large += large.choose(principal) == "canary";
  }
  EXPECT_NEAR(in_small, 1000, 150);
  EXPECT_NEAR(in_large, 3000, 250);
}

TEST(Rollout, GoesThroughJsonUnchanged) {
  Rollout rollout;
  rollout.unloaded = true;
  promote(rollout, "1");
  promote(rollout, "2");
  rollout.labels["canary"] = {"20260101000000", 5};
  rollout.sticky = true;
  const auto read = read_rollout(to_json(rollout));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, rollout);
}

TEST(Rollout, TakesAChangeAndRemembersWhatWasActive) {
  Rollout rollout;
  promote(rollout, "1");
  const auto changed = read_rollout(R"({"active":"2"})", rollout);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->active, "2");
  EXPECT_THAT(changed->previous, ElementsAre("", "1"));
}

TEST(Rollout, NamesTheKeyThatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"([])", "expected a JSON object"},
      {R"({"actvie":"1"})", "actvie: there is no such key"},
      {R"({"active":1})", "active: expected a version"},
      {R"({"active":"../1"})", "active: \"../1\" is no version"},
      {R"({"sticky":"yes"})", "sticky: expected true or false"},
      {R"({"labels":{"canary":{"version":"1","percent":10.55}}})", "labels.canary.percent"},
      {R"({"labels":{"canary":{"version":"1","percent":-1}}})", "labels.canary.percent"},
      {R"({"labels":{"canary":{"percent":1}}})", "labels.canary.version"},
      {R"({"labels":{"2":{"version":"1"}}})", "\"2\" is no label"},
      {R"({"labels":{"a":{"version":"1","percent":60},"b":{"version":"2","percent":60}}})", "more than 100 percent"},
  };
  for (const auto& [text, message] : wrong) {
    const auto read = read_rollout(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::invalid_argument);
    EXPECT_THAT(read.error().message, HasSubstr(message));
  }
}

TEST(RolloutStore, KeepsWhatWasSaved) {
  const test::TempFolder folder;
  const RolloutStore store(folder.path() / "rollouts");
  EXPECT_EQ(*store.load("birds"), Rollout{});
  Rollout rollout;
  promote(rollout, "3");
  ASSERT_TRUE(store.save("birds", rollout));
  EXPECT_EQ(*RolloutStore(folder.path() / "rollouts").load("birds"), rollout);
  EXPECT_EQ(*store.load("cats"), Rollout{});
}

TEST(RolloutStore, SaysWhichFileItCannotRead) {
  const test::TempFolder folder;
  std::ofstream(folder.path() / "birds.json") << "{\"active\":";
  const auto loaded = RolloutStore(folder.path()).load("birds");
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("birds.json"));
  EXPECT_FALSE(RolloutStore("/proc/nowhere").save("birds", {}));
}

}  // namespace
}  // namespace berth::hosting
