// SPDX-License-Identifier: Apache-2.0
// Packages in the classifier's format: its JSON as it stands, and what reaches the network, pixel by pixel.
#include "image_classifier/classifier_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "image_classifier/classifier.h"
#include "support/temp_folder.h"
#include "vision/image_files.h"
#include "vision/torch_files.h"

namespace berth::image_classifier {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StrEq;
using testing::ThrowsMessage;
using vision::Layout;
using vision::test::encoded;
using vision::test::picture;
using vision::test::save_network;

// The contract's own example.
Json animals() {
  return Json::parse(R"({"model_name": "animals_classifier_v0", "img_preproc_type": "normalize_and_pad",
    "output_postproc_type": "argmax",
    "image_preproc_config": {"input_shape": [224, 224, 3], "normalization_factor": 255},
    "output_config": {"output_classes": ["cat", "dog", "bird"]},
    "creation_time": "2022-04-26 10:45:30", "comments": "a test"})");
}

class ClassifierFormat : public testing::Test {
 protected:
  ClassifierFormat() { folder_.write("animals_classifier_v0.pt", "weights"); }

  Package package(const Json& model_yaml) const { return {"animals", "1", folder_.path(), model_yaml}; }
  PackageConfig read(const Json& json, const char* beside = "{}") const {
    folder_.write("animals_classifier_v0_config.json", json.dump());
    auto model_yaml = Json{{"plugin", "image_classifier"}, {"config", "animals_classifier_v0_config.json"}};
    model_yaml.update(Json::parse(beside));
    return read_package_config(package(model_yaml));
  }
  // The animals' JSON with one change.
  PackageConfig read_with(const char* pointer, const Json& value, const char* beside = "{}") const {
    auto json = animals();
    json[Json::json_pointer(pointer)] = value;
    return read(json, beside);
  }
  void expect_refusal(const char* pointer, const Json& value, const std::string& why) const {
    EXPECT_THAT([&] { read_with(pointer, value); },
                ThrowsMessage<std::runtime_error>(StrEq("animals_classifier_v0_config.json: " + why)))
        << pointer << " " << value;
  }

  test::TempFolder folder_;
};

TEST_F(ClassifierFormat, IsReadAsItStands) {
  const auto config = read(animals());
  EXPECT_EQ(config.model, folder_ / "animals_classifier_v0.pt");
  EXPECT_THAT(config.labels, ElementsAre("cat", "dog", "bird"));
  EXPECT_EQ(config.scores, Scores::as_given);
  EXPECT_FALSE(config.takes_any_size);
  EXPECT_THAT(config.torch.image_shape, ElementsAre(3, 224, 224));
  EXPECT_THAT(config.torch.layouts, ElementsAre(Layout::channels_last, Layout::channels_first));
  EXPECT_EQ(config.torch.output_count, 3U);
  EXPECT_EQ(config.input.channels, vision::Channels::bgr);
  EXPECT_EQ(config.input.divide_by, 255);
  EXPECT_EQ(config.metadata.name, "animals");
  EXPECT_EQ(config.metadata.extra, Json::parse(R"({"model_name": "animals_classifier_v0",
    "creation_time": "2022-04-26 10:45:30", "comments": "a test"})"));
}

TEST_F(ClassifierFormat, LeavesMembersAloneThatItDoesNotKnow) {
  EXPECT_EQ(read_with("/output_config/threshold", 0.5).labels.size(), 3U);
  EXPECT_EQ(read_with("/image_preproc_config/resize", "crop").input.divide_by, 255);
  EXPECT_EQ(read_with("/trained_by", Json::array()).labels.size(), 3U);
}

TEST_F(ClassifierFormat, TakesWhatModelYamlSaysBesideIt) {
  folder_.write("other.pt", "weights");
  const auto config = read(animals(), R"({"model": "other.pt", "layout": "channels_first", "max_batch": 2,
    "metadata": {"license": "MIT", "comments": "mine"}, "input": {"max_pixels": 1000, "transparent": "white"}})");
  EXPECT_EQ(config.model, folder_ / "other.pt");
  EXPECT_THAT(config.torch.layouts, ElementsAre(Layout::channels_first));
  EXPECT_EQ(config.torch.max_batch, 2U);
  EXPECT_EQ(config.input.max_pixels, 1000U);
  EXPECT_EQ(config.input.background, vision::Background::white);
  EXPECT_EQ(config.metadata.extra.at("license"), "MIT");
  EXPECT_EQ(config.metadata.extra.at("comments"), "mine");
}

TEST_F(ClassifierFormat, RefusesWhatModelYamlCannotSayBesideIt) {
  const auto refusal = [&](const char* beside, const std::string& message) {
    EXPECT_THAT([&] { read(animals(), beside); }, ThrowsMessage<std::runtime_error>(StrEq(message))) << beside;
  };
  refusal(R"({"labels": "labels.txt"})", "model.yaml: labels has no place beside config, whose file says it");
  refusal(R"({"output": "logits"})", "model.yaml: output has no place beside config, whose file says it");
  refusal(R"({"input": {"width": 8}})", "model.yaml: input.width is not a key that the image classifier knows");
  refusal(R"({"layout": "NHWC"})", "model.yaml: layout has to be one of: channels_first, channels_last");
}

TEST_F(ClassifierFormat, NamesTheMemberThatIsWrong) {
  const std::string shape =
      "image_preproc_config.input_shape has to be [height, width, channels]: "
      "two whole numbers from 1 to 8192, and 3 or 1";
  for (const auto* value : {"224", "[224, 224]", "[224, 224, 4]", "[0, 224, 3]", "[224, 1.5, 3]", "[null, null, 3]",
                            "[224, 9000, 3]", "[-1, 224, 3]", "[18446744073709551615, 224, 3]", "[224, 224, \"3\"]"}) {
    expect_refusal("/image_preproc_config/input_shape", Json::parse(value), shape);
  }
  expect_refusal("/image_preproc_config/input_shape", nullptr, "image_preproc_config.input_shape is missing");
  expect_refusal("/image_preproc_config", nullptr, "image_preproc_config is missing");
  expect_refusal("/image_preproc_config", 3, "image_preproc_config has to be a mapping");
  for (const Json& value : {Json(0), Json(-1), Json("255")}) {
    expect_refusal("/image_preproc_config/normalization_factor", value,
                   "image_preproc_config.normalization_factor has to be a number more than 0");
  }
  expect_refusal("/img_preproc_type", "resize", "img_preproc_type has to be one of: normalize_and_pad, no_prepro");
  expect_refusal("/img_preproc_type", nullptr, "img_preproc_type is missing");
  expect_refusal("/output_postproc_type", "softmax", "output_postproc_type has to be one of: argmax");
  for (const auto* value : {"[]", "3", "[\"cat\", null]"}) {
    expect_refusal("/output_config/output_classes", Json::parse(value),
                   "output_config.output_classes has to be a list of names, one per output of the network");
  }
  expect_refusal("/output_config", nullptr, "output_config is missing");
  for (const auto* name : {"../secret", ""}) {
    expect_refusal("/model_name", name, "model_name has to be a name, and no path");
  }
}

TEST_F(ClassifierFormat, NamesTheFileThatIsMissingOrNoJson) {
  const auto model_yaml = Json{{"config", "animals.json"}};
  const auto refusal = [&](const std::string& part) {
    EXPECT_THAT([&] { read_package_config(package(model_yaml)); }, ThrowsMessage<std::runtime_error>(HasSubstr(part)));
  };
  refusal("no file 'animals.json'");
  folder_.write("animals.json", "{\"model_name\": ");
  refusal("animals.json is not JSON: ");
  folder_.write("animals.json", "[]");
  refusal("animals.json: it has to be a mapping");
  EXPECT_THAT([&] { read_with("/model_name", "birds"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("no file 'birds.pt'")));
}

// What reached the network, told by networks that give it back.
class ClassifierFormatPixels : public ClassifierFormat {
 protected:
  // A classifier whose network gives `result`, `classes` numbers an image.
  Classifier classifier(const Json& json, const std::string& result, std::size_t classes, const char* beside = "{}") {
    auto changed = json;
    auto names = Json::array();
    for (std::size_t i = 0; i < classes; ++i) names.push_back("class " + std::to_string(i));
    changed["output_config"]["output_classes"] = names;
    save_network(folder_ / "animals_classifier_v0.pt", result);
    return Classifier(read(changed, beside));
  }
  static Json shaped(int height, int width, double factor) {
    auto json = animals();
    json["image_preproc_config"] = {{"input_shape", {height, width, 3}}, {"normalization_factor", factor}};
    return json;
  }
  static Classification classify(Classifier& classifier, const std::string& bytes) {
    const Image image{"it", bytes};
    return classifier.classify(std::span(&image, 1)).front();
  }
};

// The original's padding: floor of half the difference to the left and above, the rest to the right and below; black.
cv::Vec3b padded_pixel(const cv::Mat& image, int canvas_height, int canvas_width, int y, int x) {
  const int top = static_cast<int>(std::floor((canvas_height - image.rows) / 2.0));
  const int left = static_cast<int>(std::floor((canvas_width - image.cols) / 2.0));
  const bool inside = y >= top && y < top + image.rows && x >= left && x < left + image.cols;
  return inside ? image.at<cv::Vec3b>(y - top, x - left) : cv::Vec3b(0, 0, 0);
}

TEST_F(ClassifierFormatPixels, AreCentredOnBlackForEverySizeAndInBothLayouts) {
  constexpr int kHeight = 9;
  constexpr int kWidth = 12;
  constexpr std::size_t kPixels = kHeight * kWidth;
  for (const auto* layout : {"channels_last", "channels_first"}) {
    const bool last = std::string(layout) == "channels_last";
    const auto beside = Json{{"layout", layout}}.dump();
    auto given_back = classifier(shaped(kHeight, kWidth, 255), "x.flatten(1)", kPixels * 3, beside.c_str());
    for (int height = 1; height <= kHeight; ++height) {
      for (int width = 1; width <= kWidth; ++width) {
        const auto image = picture(width, height);
        const auto result = classify(given_back, encoded(image, ".png"));
        ASSERT_FALSE(result.error) << result.error->what();
        ASSERT_EQ(result.scores.size(), kPixels * 3);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < kPixels; ++i) {
          const auto y = static_cast<int>(i) / kWidth;
          const auto wanted = padded_pixel(image, kHeight, kWidth, y, static_cast<int>(i) % kWidth);
          for (std::size_t c = 0; c < 3; ++c) {
            const auto got = result.scores[last ? i * 3 + c : c * kPixels + i];
            wrong += std::lround(got * 255) == wanted[static_cast<int>(c)] &&
                             std::abs(got - static_cast<float>(wanted[static_cast<int>(c)]) / 255.0F) < 1e-6F
                         ? 0
                         : 1;
          }
        }
        ASSERT_EQ(wrong, 0U) << width << "x" << height << " " << layout;
      }
    }
  }
}

TEST_F(ClassifierFormatPixels, OfALargerImageAreShrunkToFit) {
  auto given_back = classifier(shaped(10, 10, 1), "x.flatten(1)", 300);
  // 40x20 fits as 10x5: two black rows above, three below.
  const auto wide = classify(given_back, encoded(cv::Mat(20, 40, CV_8UC3, cv::Scalar(10, 20, 30)), ".png"));
  ASSERT_FALSE(wide.error);
  for (std::size_t i = 0; i < 100; ++i) {
    const bool inside = i / 10 >= 2 && i / 10 < 7;
    EXPECT_EQ(wide.scores[i * 3], inside ? 10 : 0) << i;
    EXPECT_EQ(wide.scores[i * 3 + 1], inside ? 20 : 0) << i;
    EXPECT_EQ(wide.scores[i * 3 + 2], inside ? 30 : 0) << i;
  }
  // Taller alone, and by far too narrow: it keeps one column.
  const auto thin = classify(given_back, encoded(cv::Mat(1000, 3, CV_8UC3, cv::Scalar(7, 7, 7)), ".png"));
  ASSERT_FALSE(thin.error);
  EXPECT_EQ(std::ranges::count(thin.scores, 7.0F), 30);
}

TEST_F(ClassifierFormatPixels, OfOneChannelAreGrey) {
  auto json = animals();
  json["image_preproc_config"] = {{"input_shape", {2, 2, 1}}, {"normalization_factor", 2}};
  auto given_back = classifier(json, "x.flatten(1)", 4);
  const auto result = classify(given_back, encoded(cv::Mat(2, 1, CV_8UC3, cv::Scalar(100, 100, 100)), ".png"));
  EXPECT_THAT(result.scores, ElementsAre(50, 0, 50, 0));
}

TEST_F(ClassifierFormatPixels, GoAsDecodedWhereThereIsNoPreprocessing) {
  auto json = animals();
  json["img_preproc_type"] = "no_prepro";
  json.erase("image_preproc_config");
  // Height, width, and the first pixel: what the network sees of each image.
  auto told = classifier(
      json, "torch.cat([torch.full([x.size(0), 1], x.size(1)), torch.full([x.size(0), 1], x.size(2)), x[:, 0, 0]], 1)",
      5);
  const std::vector<cv::Size> sizes{{3, 2}, {3, 2}, {640, 480}, {1, 1}, {3, 2}};
  std::vector<std::string> files;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    files.push_back(encoded(cv::Mat(sizes[i], CV_8UC3, cv::Scalar(static_cast<int>(i), 100, 200)), ".png"));
  }
  std::vector<Image> images{{"note", "hello"}};
  for (const auto& file : files) images.push_back({"it", file});
  const auto results = told.classify(images);
  ASSERT_TRUE(results[0].error);
  EXPECT_EQ(results[0].error->status(), 422);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_FALSE(results[i + 1].error) << results[i + 1].error->what();
    EXPECT_THAT(results[i + 1].scores, ElementsAre(sizes[i].height, sizes[i].width, static_cast<float>(i), 100, 200));
  }
}

TEST_F(ClassifierFormatPixels, OfASizeThatTheNetworkDoesNotTakeFailAlone) {
  auto json = shaped(4, 4, 1);
  json["img_preproc_type"] = "no_prepro";
  auto fixed = classifier(json, "x.flatten(1).matmul(torch.ones([48, 2]))", 2);
  const auto fits = encoded(picture(4, 4), ".png");
  const auto other = encoded(picture(5, 4), ".png");
  const std::vector<Image> images = {{"a", fits}, {"b", other}, {"c", other}, {"d", fits}};
  const auto results = fixed.classify(images);
  EXPECT_FALSE(results[0].error);
  EXPECT_FALSE(results[3].error);
  ASSERT_TRUE(results[1].error && results[2].error);
  EXPECT_EQ(results[1].error->status(), 422);
  EXPECT_STREQ(results[1].error->what(), "'b': the network takes no image of 5x4 pixels");
  EXPECT_STREQ(results[2].error->what(), "'c': the network takes no image of 5x4 pixels");
}

TEST_F(ClassifierFormatPixels, AreScoredAsTheNetworkGivesThem) {
  auto scored = classifier(shaped(2, 2, 1), "x.flatten(1)[:, :3] - 20.25", 3);
  const auto result = classify(scored, encoded(cv::Mat(2, 2, CV_8UC3, cv::Scalar(10, 250, 30)), ".png"));
  EXPECT_THAT(result.scores, ElementsAre(-10.25F, 229.75F, 9.75F));
}

TEST_F(ClassifierFormatPixels, NeedANetworkWithAsManyOutputsAsClasses) {
  EXPECT_THAT([&] { classifier(shaped(2, 2, 1), "x.flatten(1)", 3); },
              ThrowsMessage<std::runtime_error>(HasSubstr("gives 12 values, but there are 3 labels")));
}

}  // namespace
}  // namespace berth::image_classifier
