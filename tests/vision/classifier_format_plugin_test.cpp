// SPDX-License-Identifier: Apache-2.0
// A package in the classifier's format as a host sees it: the digits' weights under another description.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sdk/recording_host.h"
#include "support/temp_folder.h"
#include "vision/plugin_call.h"

namespace berth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::filesystem::path kDigits = std::filesystem::path(BERTH_MODELS_DIR) / "digits";

std::string sample(int digit) { return read_file(kDigits / "samples" / ("digit-" + std::to_string(digit) + ".png")); }

class ClassifierFormatPlugin : public testing::Test {
 protected:
  ClassifierFormatPlugin() {
    std::filesystem::copy(kDigits / "1" / "model.pt", folder_ / "digits_v0.pt");
    folder_.write("digits_v0_config.json", R"({"model_name": "digits_v0", "img_preproc_type": "normalize_and_pad",
      "output_postproc_type": "argmax", "creation_time": "2022-04-26 10:45:30",
      "image_preproc_config": {"input_shape": [8, 8, 1], "normalization_factor": 255},
      "output_config": {"output_classes": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]}})");
    package_ = {sizeof package_, detail::to_abi("digits_v0"), detail::to_abi("1"), detail::to_abi(path_),
                detail::to_abi(config_)};
  }

  Json ask(const Loaded& loaded, void (*method)(void*, const berth_result*)) const {
    Outcome outcome;
    method(loaded.model(), outcome.result());
    return outcome.json();
  }

  TempFolder folder_;
  std::string path_ = folder_.path().string();
  std::string config_ = R"({"plugin": "image_classifier", "config": "digits_v0_config.json"})";
  berth_package package_{};
};

TEST_F(ClassifierFormatPlugin, AnswersAListOfImagesWithLabelsAndScoresAsTheNetworkGivesThem) {
  const Loaded loaded(model_type(), &package_);
  ASSERT_TRUE(loaded.made()) << loaded.created.body;
  EXPECT_THAT(loaded.host.logs, IsEmpty());
  FileCall call(R"({"top_k": 10})");
  for (const int digit : {7, 0, 3}) call.file(std::to_string(digit), sample(digit));
  Outcome outcome;
  model_type().predict_data(loaded.model(), call.raw(), outcome.result());
  ASSERT_EQ(outcome.kind, "json") << outcome.body;
  const auto predictions = outcome.json().at("predictions");
  ASSERT_EQ(predictions.size(), 3U);
  const std::vector<std::string> wanted{"seven", "zero", "three"};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& labels = predictions.at(i).at("labels");
    ASSERT_EQ(labels.size(), 10U) << "no score is left out for being below zero";
    EXPECT_EQ(labels.at(0).at("label"), wanted[i]);
    EXPECT_GT(labels.at(0).at("probability").get<double>(), 1.5) << "no softmax";
    EXPECT_LT(labels.at(9).at("probability").get<double>(), 0);
  }
}

TEST_F(ClassifierFormatPlugin, AnswersManyCallsInOneBatch) {
  const Loaded loaded(model_type(), &package_);
  std::deque<FileCall> calls;
  std::vector<const berth_args*> args;
  for (int i = 0; i < 20; ++i) args.push_back(calls.emplace_back().file("it", i == 13 ? "junk" : sample(i % 10)).raw());
  std::deque<Outcome> outcomes(20);
  std::vector<const berth_result*> results;
  for (auto& outcome : outcomes) results.push_back(outcome.result());
  model_type().predict_batch(loaded.model(), args.data(), args.size(), results.data());
  const auto alone = [&](std::size_t i) {
    Outcome outcome;
    model_type().predict_data(loaded.model(), args[i], outcome.result());
    return outcome.json().at("predictions").at(0).at("labels").at(0).at("label");
  };
  for (std::size_t i = 0; i < 20; ++i) {
    if (i == 13) continue;
    EXPECT_EQ(outcomes[i].json().at("predictions").at(0).at("labels").at(0).at("label"), alone(i)) << i;
  }
  EXPECT_EQ(outcomes[13].status, 422);
}

TEST_F(ClassifierFormatPlugin, DeclaresScoresThatMayBeAnyNumber) {
  const Loaded loaded(model_type(), &package_);
  const auto schema = ask(loaded, model_type().get_response_schema);
  const auto& probability = schema.at("properties")
                                .at("predictions")
                                .at("items")
                                .at("properties")
                                .at("labels")
                                .at("items")
                                .at("properties")
                                .at("probability");
  EXPECT_EQ(probability.at("type"), "number");
  EXPECT_FALSE(probability.contains("minimum") || probability.contains("maximum"));
  EXPECT_EQ(ask(loaded, model_type().get_metadata).at("creation_time"), "2022-04-26 10:45:30");
}

TEST_F(ClassifierFormatPlugin, TellsTheOrderInWhichItTakesPixels) {
  for (const auto* layout : {"", R"(, "layout": "channels_first")"}) {
    config_ = R"({"plugin": "image_classifier", "config": "digits_v0_config.json")" + std::string(layout) + "}";
    package_.config_json = detail::to_abi(config_);
    const Loaded loaded(model_type(), &package_);
    ASSERT_TRUE(loaded.made()) << loaded.created.body;
    EXPECT_THAT(ask(loaded, model_type().get_inputs).at(1).at("shape").get<std::vector<int>>(),
                ElementsAre(-1, 1, 8, 8));
  }
}

TEST_F(ClassifierFormatPlugin, SaysWhyALayoutCannotBe) {
  config_ = R"({"plugin": "image_classifier", "config": "digits_v0_config.json", "layout": "channels_last"})";
  package_.config_json = detail::to_abi(config_);
  const Loaded refused(model_type(), &package_);
  EXPECT_FALSE(refused.made());
  EXPECT_THAT(refused.created.body, testing::HasSubstr("does not work on images of shape (8, 8, 1)"));
}

}  // namespace
}  // namespace berth::test
