// SPDX-License-Identifier: Apache-2.0
#include "image_classifier/package_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace berth::image_classifier {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StrEq;
using testing::ThrowsMessage;

class PackageConfigTest : public testing::Test {
 protected:
  PackageConfigTest() {
    folder_.write("model.pt", "weights");
    folder_.write("labels.txt", "cat\ndog\n");
  }
  PackageConfig read(const char* json) const {
    return read_package_config(Package("pets", "3", folder_.path(), Json::parse(json)));
  }
  void expect_refusal(const char* json, const std::string& message) const {
    EXPECT_THAT([&] { read(json); }, ThrowsMessage<std::runtime_error>(StrEq(message))) << json;
  }
  test::TempFolder folder_;
};

TEST_F(PackageConfigTest, HasDefaultsForAllButTheSize) {
  const auto config = read(R"({"input": {"width": 224, "height": 192}})");
  EXPECT_EQ(config.model, folder_ / "model.pt");
  EXPECT_THAT(config.labels, ElementsAre("cat", "dog"));
  EXPECT_EQ(config.scores, Scores::of_logits);
  EXPECT_FALSE(config.takes_any_size);
  EXPECT_THAT(config.torch.image_shape, ElementsAre(3, 192, 224));
  EXPECT_EQ(config.torch.device, Device::cpu);
  EXPECT_EQ(config.input.resize, vision::Resize::stretch);
  EXPECT_EQ(config.input.shorter_side, 224);
  EXPECT_EQ(config.metadata.name, "pets");
  EXPECT_EQ(config.metadata.version, "3");
}

TEST_F(PackageConfigTest, TakesEverythingThatIsDeclared) {
  folder_.write("net.pt", "weights");
  const auto config = read(R"({
    "plugin": "image_classifier", "model": "net.pt", "labels": ["cat", 7], "output": "probabilities", "device": "auto",
    "optimize": false, "max_batch": 3, "layout": "channels_last", "metadata": {"license": "MIT", "accuracy": 0.5},
    "input": {"width": 8, "height": 8, "channels": "grey", "resize": "crop", "shorter_side": 10, "pad_value": 3,
              "pad_enlarges": false, "interpolation": "area", "divide_by": 16, "mean": [0.5], "std": 2,
              "max_pixels": 1000, "transparent": "drop", "scaled_decoding": true}})");
  EXPECT_EQ(config.model, folder_ / "net.pt");
  EXPECT_THAT(config.labels, ElementsAre("cat", "7"));
  EXPECT_EQ(config.scores, Scores::of_probabilities);
  EXPECT_THAT(config.torch.layouts, ElementsAre(vision::Layout::channels_last));
  EXPECT_EQ(config.torch.device, Device::automatic);
  EXPECT_FALSE(config.torch.optimize);
  EXPECT_EQ(config.torch.max_batch, 3U);
  EXPECT_EQ(config.metadata.extra, Json::parse(R"({"license": "MIT", "accuracy": 0.5})"));
  const auto& input = config.input;
  EXPECT_EQ(input.channels, vision::Channels::grey);
  EXPECT_EQ(input.resize, vision::Resize::crop);
  EXPECT_EQ(input.shorter_side, 10);
  EXPECT_EQ(input.pad_value, 3);
  EXPECT_FALSE(input.pad_enlarges);
  EXPECT_EQ(input.interpolation, vision::Interpolation::area);
  EXPECT_EQ(input.divide_by, 16);
  EXPECT_EQ(input.mean[0], 0.5F);
  EXPECT_EQ(input.deviation[0], 2);
  EXPECT_EQ(input.max_pixels, 1000U);
  EXPECT_EQ(input.background, vision::Background::drop);
  EXPECT_TRUE(input.scaled_decoding);
}

TEST_F(PackageConfigTest, NamesTheKeyThatIsWrong) {
  expect_refusal("{}", "model.yaml: input is missing: how images are made into numbers");
  expect_refusal(R"({"input": 3})", "model.yaml: input has to be a mapping");
  expect_refusal(R"({"input": {"width": 8}})",
                 "model.yaml: input.height is missing: the size of image that the network takes");
  expect_refusal(R"({"input": {"width": 0, "height": 8}})",
                 "model.yaml: input.width has to be a whole number from 1 to 8192");
  expect_refusal(R"({"input": {"width": 8, "height": 8, "resise": "crop"}})",
                 "model.yaml: input.resise is not a key that the image classifier knows");
  expect_refusal(R"({"input": {"width": 8, "height": 8, "resize": "squeeze"}})",
                 "model.yaml: input.resize has to be one of: stretch, crop, pad");
  expect_refusal(R"({"input": {"width": 8, "height": 8, "resize": "crop", "shorter_side": 7}})",
                 "model.yaml: input.shorter_side has to be a whole number from 8 to 8192");
  expect_refusal(R"({"input": {"width": 8, "height": 8, "mean": [0.5]}})",
                 "model.yaml: input.mean has to be 3 numbers, one per channel");
  expect_refusal(R"({"input": {"width": 8, "height": 8, "std": [1, 0, 1]}})",
                 "model.yaml: input.std has to be more than 0");
  expect_refusal(R"({"input": {"width": 8, "height": 8, "divide_by": 0}})",
                 "model.yaml: input.divide_by has to be more than 0");
  expect_refusal(R"({"input": {"width": 8, "height": 8}, "output": 3})", "model.yaml: output has to be a text");
  expect_refusal(R"({"input": {"width": 8, "height": 8}, "optimize": "yes"})",
                 "model.yaml: optimize has to be true or false");
}

TEST_F(PackageConfigTest, NamesTheFileThatIsNotThere) {
  EXPECT_THAT([&] { read(R"({"model": "other.pt", "input": {"width": 8, "height": 8}})"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("'other.pt'")));
}

}  // namespace
}  // namespace berth::image_classifier
