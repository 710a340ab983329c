// SPDX-License-Identifier: Apache-2.0
// What a training leaves as the next version of its model.
#include <gmock/gmock.h>

#include "hosting/house.h"
#include "hosting/written_package.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
namespace fs = std::filesystem;

const std::function<bool()> kWanted = [] { return true; };

class NewVersion : public testing::Test {
 protected:
  NewVersion() {
    house_.folder.write("models/pupil/1/model.yaml", "plugin: pupil\n");
    house_.folder.write("models/pupil/1/weights.txt", "old");
    house_.folder.write("data/weights.txt", "from data");
    house_.folder.write("elsewhere.txt", "elsewhere");
    house_.options.data_dir = house_.folder / "data";
    house_.serving.limits.scratch_bytes = 1UL << 20;
  }

  // How a training ended.
  Outcome train(std::string args) {
    std::promise<Outcome> ended;
    Call call;
    call.args_json = std::move(args);
    auto run = house_.registry->start_run(house_.model("pupil"), std::move(call), {},
                                          [&](Outcome&& outcome) { ended.set_value(std::move(outcome)); });
    EXPECT_TRUE(run) << run.error().message;
    return run ? wait(ended.get_future()) : Outcome{failure(run.error()), {}, ""};
  }
  // Why the package of such a training is not taken.
  std::string refusal(const std::string& act) {
    const auto outcome = train(R"({"weights":"w","data":"","act":")" + act + "\"}");
    if (outcome.package == nullptr) return "no package: " + body(outcome);
    const auto prepared = outcome.package->prepare(kWanted);
    return prepared ? "it was taken" : prepared.error().message;
  }
  std::vector<std::string> names_below(const fs::path& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      names.push_back(entry.path().lexically_relative(folder).string());
    }
    std::ranges::sort(names);
    return names;
  }

  static Source pupil() {
    Source source;
    source.name.append("pupil");
    return source;
  }

  House house_;
};

TEST_F(NewVersion, OfATrainingIsServedOnceItIsPublished) {
  house_.load({"pupil"});
  auto outcome = train(R"({"weights":"learnt","data":"","act":""})");
  ASSERT_TRUE(outcome.output) << body(outcome);
  ASSERT_NE(outcome.package, nullptr);
  ASSERT_TRUE(outcome.package->prepare(kWanted));
  const auto version = outcome.package->publish();
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_THAT(*version, MatchesRegex("[0-9]{12}"));
  EXPECT_EQ(names_below(house_.folder / "models/pupil" / *version),
            (std::vector<std::string>{"deep", "deep/notes.txt", "model.yaml", "weights.txt"}));
  outcome.package.reset();
  for (const auto& worker : fs::directory_iterator(house_.folder / "scratch")) {
    EXPECT_FALSE(fs::exists(worker.path() / "new_package")) << worker.path();
  }

  std::promise<Result<>> loaded;
  house_.registry->load("pupil", [&](Result<> result) { loaded.set_value(std::move(result)); });
  ASSERT_TRUE(loaded.get_future().get());
  EXPECT_THAT(body(ask(house_.model("pupil"), "{}")), HasSubstr("learnt"));
}

TEST_F(NewVersion, TakesTheNextMinuteWhereItsOwnIsTaken) {
  house_.load({"pupil"});
  std::vector<std::string> versions;
  for (int i = 0; i < 3; ++i) {
    const auto outcome = train(R"({"weights":"w","data":"","act":""})");
    ASSERT_NE(outcome.package, nullptr) << body(outcome);
    ASSERT_TRUE(outcome.package->prepare(kWanted));
    versions.push_back(outcome.package->publish().value());
  }
  EXPECT_LT(versions[0], versions[1]);
  EXPECT_LT(versions[1], versions[2]);
}

TEST_F(NewVersion, IsTakenOfPlainFilesAlone) {
  house_.load({"pupil"});
  const auto before = names_below(house_.folder / "models");
  EXPECT_THAT(refusal("no_yaml"), HasSubstr("model.yaml"));
  EXPECT_THAT(refusal("link"), HasSubstr("\"passwd\" is a link"));
  EXPECT_THAT(refusal("pipe"), HasSubstr("\"pipe\" is neither a file nor a folder"));
  EXPECT_THAT(refusal("hard_link"), HasSubstr("\"weights.txt\" is a file that has another name"));
  EXPECT_THAT(refusal("other_plugin"), HasSubstr("names the plugin \"somebody_else\""));
  EXPECT_THAT(refusal("replace"), HasSubstr("its folder"));
  EXPECT_THAT(refusal("nothing"), HasSubstr("no package: {\"learnt\""));
  EXPECT_THAT(refusal("fail"), HasSubstr("nothing was learnt"));
  EXPECT_EQ(names_below(house_.folder / "models"), before);
}

TEST_F(NewVersion, IsRefusedWhereItIsLargerThanItsScratchMayBe) {
  const auto folder = house_.folder.write("made/new/model.yaml", "plugin: pupil\n").parent_path();
  house_.folder.write("made/new/weights.txt", std::string((1UL << 20) + 1, 'w'));
  WrittenPackage package(house_.folder / "made", folder, house_.folder / "models", pupil(), house_.serving.limits);
  const auto prepared = package.prepare(kWanted);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code, Code::too_large);
}

TEST_F(NewVersion, LeavesNothingWhereItIsNotWantedAnyMore) {
  const auto folder = house_.folder.write("made/new/model.yaml", "plugin: pupil\n").parent_path();
  const auto before = names_below(house_.folder / "models");
  {
    WrittenPackage package(house_.folder / "made", folder, house_.folder / "models", pupil(), house_.serving.limits);
    EXPECT_EQ(package.prepare([] { return false; }).error().code, Code::cancelled);
    EXPECT_EQ(names_below(house_.folder / "models"), before);
  }
  EXPECT_FALSE(fs::exists(house_.folder / "made"));
}

TEST_F(NewVersion, IsRefusedBeforeTheWorkWhereItCouldNotBeWritten) {
  house_.load({"pupil"});
  fs::remove_all(house_.folder / "models");
  const auto outcome = train(R"({"weights":"w","data":"","act":""})");
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().model_status, 503) << body(outcome);
}

TEST_F(NewVersion, MayBeMadeOfTheOperatorsDataAndNoOtherFile) {
  house_.load({"pupil"});
  EXPECT_EQ(body(train(R"({"weights":"","data":"weights.txt","act":"nothing"})")), R"({"learnt":"from data"})");
  const auto beyond = train(R"({"weights":"","data":"../elsewhere.txt","act":"nothing"})");
  ASSERT_FALSE(beyond.output);
  EXPECT_EQ(beyond.output.error().model_status, 400);
}

}  // namespace
}  // namespace berth::hosting
