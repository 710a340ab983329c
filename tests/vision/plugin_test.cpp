// SPDX-License-Identifier: Apache-2.0
// The image classifier as a host sees it: a library with a C table, opened in this process.
#include <berth/berth.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "sdk/recording_host.h"
#include "support/temp_folder.h"
#include "vision/package_folder.h"
#include "vision/plugin_call.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

const std::filesystem::path kDigits = std::filesystem::path(BERTH_MODELS_DIR) / "digits";

std::string sample(int digit) { return read_file(kDigits / "samples" / ("digit-" + std::to_string(digit) + ".png")); }

class ImageClassifierPlugin : public testing::Test {
 protected:
  ImageClassifierPlugin()
      : package_(vision::test::package_from(kDigits / "1")),
        path_(package_.path().string()),
        config_(package_.config().dump()) {
    raw_package_ = {sizeof raw_package_, detail::to_abi("digits"), detail::to_abi("1"), detail::to_abi(path_),
                    detail::to_abi(config_)};
    loaded_.emplace(model_type(), &raw_package_);
  }
  void SetUp() override { ASSERT_TRUE(loaded_->made()) << loaded_->created.body; }

  void predict(FileCall& call, Outcome& outcome) {
    model_type().predict_data(loaded_->model(), call.raw(), outcome.result());
  }
  static std::string label(const Outcome& outcome, std::size_t image = 0, std::size_t rank = 0) {
    return outcome.json().at("predictions").at(image).at("labels").at(rank).at("label").get<std::string>();
  }

  Package package_;
  std::string path_;
  std::string config_;
  berth_package raw_package_{};
  std::optional<Loaded> loaded_;
};

TEST_F(ImageClassifierPlugin, OffersWhatItImplements) {
  const auto& type = model_type();
  EXPECT_STREQ(type.name, "image_classifier");
  EXPECT_EQ(type.needs_package, 1U);
  EXPECT_NE(type.predict_data, nullptr);
  EXPECT_NE(type.predict_url, nullptr);
  EXPECT_NE(type.predict_batch, nullptr);
  EXPECT_NE(type.warm, nullptr);
  EXPECT_EQ(type.train, nullptr);
}

TEST_F(ImageClassifierPlugin, TellsThePackagesMetadata) {
  Outcome outcome;
  loaded_->ask(model_type().get_metadata, outcome);
  const auto metadata = outcome.json();
  EXPECT_EQ(metadata.at("name"), "digits");
  EXPECT_GE(metadata.at("accuracy").get<double>(), 0.97);
  EXPECT_THAT(metadata.at("data").get<std::string>(), HasSubstr("UCI"));
}

TEST_F(ImageClassifierPlugin, AnswersWithLabelsAndProbabilities) {
  FileCall call;
  call.file("seven.png", sample(7));
  Outcome outcome;
  predict(call, outcome);
  ASSERT_EQ(outcome.kind, "json") << outcome.body;
  const auto answer = outcome.json();
  EXPECT_EQ(answer.at("status"), "OK");
  const auto& prediction = answer.at("predictions").at(0);
  EXPECT_EQ(prediction.at("file"), "seven.png");
  EXPECT_EQ(prediction.at("labels").size(), 5U);
  EXPECT_EQ(prediction.at("labels").at(0).at("label"), "7");
  EXPECT_GT(prediction.at("labels").at(0).at("probability").get<double>(), 0.5);
}

TEST_F(ImageClassifierPlugin, HonoursTopKAndThreshold) {
  FileCall two(R"({"top_k": 2})");
  two.file("a", sample(3));
  Outcome outcome;
  predict(two, outcome);
  EXPECT_EQ(outcome.json().at("predictions").at(0).at("labels").size(), 2U);
  FileCall none(R"({"top_k": 1000000, "threshold": 1})");
  none.file("a", sample(3));
  Outcome empty;
  predict(none, empty);
  EXPECT_EQ(empty.json().at("predictions").at(0).at("labels"), Json::array());
}

TEST_F(ImageClassifierPlugin, AnswersSeveralImagesInTheirOrder) {
  FileCall call;
  for (const int digit : {2, 0, 9}) call.file(std::to_string(digit), sample(digit));
  Outcome outcome;
  predict(call, outcome);
  ASSERT_EQ(outcome.json().at("predictions").size(), 3U);
  EXPECT_EQ(label(outcome, 0), "2");
  EXPECT_EQ(label(outcome, 1), "0");
  EXPECT_EQ(label(outcome, 2), "9");
}

TEST_F(ImageClassifierPlugin, RefusesARequestForItsBadImage) {
  FileCall call;
  call.file("good.png", sample(1)).file("notes.txt", "hello");
  Outcome outcome;
  predict(call, outcome);
  EXPECT_EQ(outcome.status, 422);
  EXPECT_THAT(outcome.body, HasSubstr("'notes.txt'"));
}

TEST_F(ImageClassifierPlugin, BadCallsInABatchFailAlone) {
  std::deque<FileCall> calls;
  for (int i = 0; i < 5; ++i) calls.emplace_back();
  calls[0].file("a", "junk");
  calls[1].file("b", sample(5));
  calls[2].file("c", sample(6)).file("d", sample(8));
  calls[3].file("e", sample(8).substr(0, 200));
  calls[4].file("f", sample(4));
  std::vector<const berth_args*> args;
  for (auto& call : calls) args.push_back(call.raw());
  std::deque<Outcome> outcomes(5);
  std::vector<const berth_result*> results;
  for (auto& outcome : outcomes) results.push_back(outcome.result());
  model_type().predict_batch(loaded_->model(), args.data(), args.size(), results.data());
  EXPECT_EQ(outcomes[0].status, 422);
  EXPECT_EQ(outcomes[3].status, 422);
  EXPECT_EQ(label(outcomes[1]), "5");
  EXPECT_EQ(label(outcomes[2], 0), "6");
  EXPECT_EQ(label(outcomes[2], 1), "8");
  EXPECT_EQ(label(outcomes[4]), "4");
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.count, 1);
}

TEST_F(ImageClassifierPlugin, ClassifiesWhatTheHostFetches) {
  loaded_->host.fetch = [](const std::string& url, const berth_result* result) {
    const auto bytes = sample(url == "http://a/3" ? 3 : 8);
    result->file(result, detail::to_abi("image/png"), detail::to_abi("digit.png"), bytes.data(), bytes.size());
  };
  FileCall call;
  call.url("http://a/3").url("http://a/8");
  Outcome outcome;
  model_type().predict_url(loaded_->model(), call.raw(), outcome.result());
  ASSERT_EQ(outcome.kind, "json") << outcome.body;
  EXPECT_EQ(label(outcome, 0), "3");
  EXPECT_EQ(label(outcome, 1), "8");
  EXPECT_EQ(outcome.json().at("predictions").at(1).at("file"), "http://a/8");
}

TEST_F(ImageClassifierPlugin, PassesOnThatAFetchWasRefused) {
  loaded_->host.fetch = [](const std::string&, const berth_result* result) {
    result->error(result, 403, detail::to_abi("that host is not allowed"));
  };
  FileCall call;
  call.url("http://127.0.0.1/");
  Outcome outcome;
  model_type().predict_url(loaded_->model(), call.raw(), outcome.result());
  EXPECT_EQ(outcome.status, 403);
}

TEST_F(ImageClassifierPlugin, SaysWhyAPackageCannotBeLoaded) {
  berth_package empty = raw_package_;
  empty.config_json = detail::to_abi("{}");
  const Loaded refused(model_type(), &empty);
  EXPECT_FALSE(refused.made());
  EXPECT_THAT(refused.created.body, HasSubstr("model.yaml: input is missing"));
}

}  // namespace
}  // namespace berth::test
