// SPDX-License-Identifier: Apache-2.0
// Which versions are served is decided: by the policy, and by operators.
#include <gmock/gmock.h>

#include <map>
#include <string>

#include "hosting/on_disk.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

TEST_F(OnDisk, AreServedAsThePolicySays) {
  house_.options.versions = [](std::string_view) { return VersionPolicy{.latest = 2, .listed = {}}; };
  for (const auto* version : {"2", "3", "20260102030405"}) put_version(version, version);
  load();
  EXPECT_EQ(now("weights"), "20260102030405");
  EXPECT_THAT(answer("3"), HasSubstr(R"("weights":"3")"));
  EXPECT_THAT(answer("2"), HasSubstr("is not loaded"));
  EXPECT_THAT(answer("4"), HasSubstr("there is no model birds of version 4"));
}

TEST_F(OnDisk, MoveWhenOneIsPromotedAndBackAgain) {
  house_.options.versions = [](std::string_view) { return VersionPolicy{.latest = 0, .listed = {}}; };
  put_version("2", "second");
  load();
  EXPECT_EQ(now("version"), "2");
  ASSERT_TRUE(decide(R"({"active":"1"})"));
  EXPECT_EQ(now("version"), "1");
  put_version("3", "third");
  ASSERT_TRUE(eventually([&] { return answer("3").starts_with("{"); }));
  EXPECT_EQ(now("version"), "1") << "a new version does not take the place of one that was made active";
  ASSERT_TRUE(decide(R"({"active":"3"})"));
  EXPECT_EQ(now("version"), "3");
  ASSERT_TRUE(go_back());
  EXPECT_EQ(now("version"), "1");
  EXPECT_EQ(decide(R"({"active":"9"})").error().code, Code::not_found);

  house_.registry.reset();
  house_.load();
  EXPECT_EQ(now("version"), "1") << "what was decided outlives the server";
}

TEST_F(OnDisk, ThatArePromotedBeforeTheyAreLoadedTakeOverOnceTheyAre) {
  load();
  put_version("2", "second");
  ASSERT_TRUE(becomes("version", "2"));
  ASSERT_TRUE(eventually([&] { return state("1") == State::unloaded; }));
  ASSERT_TRUE(decide(R"({"active":"1"})"));
  EXPECT_TRUE(becomes("version", "1"));
}

TEST_F(OnDisk, StayActiveWhereTheOneThatIsPromotedFails) {
  put_version("2", "");
  put_version("3", "third");
  load();
  EXPECT_EQ(now("version"), "3");
  ASSERT_TRUE(decide(R"({"active":"1"})"));
  ASSERT_TRUE(becomes("version", "1"));
  ASSERT_TRUE(decide(R"({"active":"2"})"));
  ASSERT_TRUE(eventually([&] { return state("2") == State::unavailable; }));
  EXPECT_EQ(now("version"), "1");
  EXPECT_THAT(load_again().error().message, HasSubstr("version 2: "));
  EXPECT_EQ(now("version"), "1");

  house_.registry.reset();
  house_.load();
  EXPECT_EQ(now("version"), "1") << "also after a restart";
  house_.folder.write("models/birds/2/weights.txt", "mended");
  EXPECT_TRUE(becomes("version", "2"));
}

TEST_F(OnDisk, StayActiveUntilTheOneThatIsGoneBackToIsLoadedAgain) {
  for (const auto* version : {"2", "3"}) put_version(version, version);
  load();
  for (const auto* version : {"1", "2"}) {
    ASSERT_TRUE(decide(std::string(R"({"active":")").append(version).append("\"}")));
    ASSERT_TRUE(becomes("version", version));
  }
  ASSERT_TRUE(eventually([&] { return state("1") == State::unloaded; }));
  ASSERT_TRUE(go_back());
  EXPECT_TRUE(eventually([&] {
    const auto version = now("version");
    EXPECT_NE(version, "3");
    return version != "2";
  }));
  EXPECT_EQ(now("version"), "1");
}

TEST_F(OnDisk, AreReachedByALabelUntilTheOneThatItMovesToIsReady) {
  put_version("2", "");
  put_version("3", "third");
  load();
  const auto label = [&](const char* version) {
    return decide(std::string(R"({"labels":{"canary":{"version":")").append(version).append("\"}}}"));
  };
  ASSERT_TRUE(label("3"));
  ASSERT_TRUE(label("1"));
  EXPECT_TRUE(eventually([&] {
    const auto said = answer("canary");
    EXPECT_THAT(said, testing::StartsWith("{"));
    return said.find(R"("version":"1")") != std::string::npos;
  }));
  ASSERT_TRUE(label("2"));
  ASSERT_TRUE(eventually([&] { return state("2") == State::unavailable; }));
  EXPECT_THAT(answer("canary"), HasSubstr(R"("version":"1")"));
}

TEST_F(OnDisk, ShareTrafficExactlyByTheirLabels) {
  house_.options.versions = [](std::string_view) { return VersionPolicy{.latest = 0, .listed = {}}; };
  put_version("2", "second");
  load();
  ASSERT_TRUE(decide(R"({"active":"1","labels":{"canary":{"version":"2","percent":12.5},"stable":{"version":"1"}}})"));
  std::map<std::string, int> counts;
  for (int i = 0; i < 1000; ++i) {
    ++counts[(*house_.registry->choose("birds", {}, {}))->source().version];
    EXPECT_EQ(house_.model("birds")->source().version, "1") << "looking at a model is no call of it";
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"1", 875}, {"2", 125}}));
  EXPECT_THAT(answer("canary"), HasSubstr(R"("version":"2")"));
  EXPECT_THAT(answer("stable"), HasSubstr(R"("version":"1")"));

  ASSERT_TRUE(decide(R"({"sticky":true})"));
  for (int i = 0; i < 50; ++i) {
    const auto who = "user-" + std::to_string(i);
    const auto first = (*house_.registry->choose("birds", {}, who))->source().version;
    EXPECT_EQ((*house_.registry->choose("birds", {}, who))->source().version, first);
  }
}

TEST_F(OnDisk, AreUnloadedAndLoadedByHand) {
  house_.options.settle = 0ms;
  load();
  ASSERT_TRUE(unload());
  EXPECT_THAT(answer(), HasSubstr("it was unloaded"));
  EXPECT_EQ(house_.listing("birds").status.state, State::unloaded);
  ASSERT_TRUE(load_again());
  EXPECT_EQ(now("weights"), "first");

  put_version("2", "");
  const auto failed = load_again();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::unavailable);
  EXPECT_THAT(failed.error().message, HasSubstr("weights.txt is empty"));
  EXPECT_EQ(now("weights"), "first");
  EXPECT_EQ(load_again("nobody").error().code, Code::not_found);
}

}  // namespace
}  // namespace berth::hosting
