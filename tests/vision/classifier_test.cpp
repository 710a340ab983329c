// SPDX-License-Identifier: Apache-2.0
// The classifier on the digits model that the product ships with.
#include "image_classifier/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "support/temp_folder.h"
#include "vision/image_files.h"
#include "vision/image_header.h"
#include "vision/package_folder.h"

namespace berth::image_classifier {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using vision::test::encoded;

const std::filesystem::path kDigits = std::filesystem::path(BERTH_MODELS_DIR) / "digits";

std::string sample(int digit) {
  return berth::test::read_file(kDigits / "samples" / ("digit-" + std::to_string(digit) + ".png"));
}

Classifier digits(std::size_t max_batch = 8, bool optimize = true) {
  auto config = read_package_config(vision::test::package_from(kDigits / "1"));
  config.torch.max_batch = max_batch;
  config.torch.optimize = optimize;
  return Classifier(std::move(config));
}

std::size_t best(const Classification& result) {
  return static_cast<std::size_t>(std::ranges::max_element(result.scores) - result.scores.begin());
}

Classification classify_one(Classifier& classifier, const std::string& bytes) {
  const Image image{"it", bytes};
  return classifier.classify(std::span(&image, 1)).front();
}

TEST(Classifier, ReadsEverySampleDigit) {
  for (const bool optimize : {false, true}) {
    auto classifier = digits(8, optimize);
    for (int digit = 0; digit < 10; ++digit) {
      const auto result = classify_one(classifier, sample(digit));
      ASSERT_FALSE(result.error) << result.error->what();
      EXPECT_EQ(best(result), static_cast<std::size_t>(digit));
      EXPECT_NEAR(std::accumulate(result.scores.begin(), result.scores.end(), 0.0), 1, 1e-5);
    }
  }
}

TEST(Classifier, ReadsDigitsInWhateverFormatAndColour) {
  auto classifier = digits();
  for (int digit = 0; digit < 10; ++digit) {
    const auto png = sample(digit);
    const cv::Mat image = cv::imdecode(std::vector<char>(png.begin(), png.end()), cv::IMREAD_COLOR);
    cv::Mat dark_on_light, large;
    cv::bitwise_not(image, dark_on_light);
    cv::resize(image, large, {300, 300}, 0, 0, cv::INTER_LINEAR);
    const auto wanted = static_cast<std::size_t>(digit);
    EXPECT_EQ(best(classify_one(classifier, encoded(dark_on_light, ".bmp"))), wanted);
    EXPECT_EQ(best(classify_one(classifier, encoded(large, ".jpg"))), wanted);
    EXPECT_EQ(best(classify_one(classifier, encoded(image, ".webp"))), wanted);
    EXPECT_EQ(best(classify_one(classifier, encoded(image, ".tiff"))), wanted);
  }
}

TEST(Classifier, GivesTheSameInBatchesAsAlone) {
  auto classifier = digits(4);
  std::vector<std::string> bytes;
  std::vector<Image> images;
  for (int i = 0; i < 11; ++i) bytes.push_back(sample(i % 10));
  for (const auto& each : bytes) images.push_back({"it", each});
  const auto together = classifier.classify(images);
  ASSERT_EQ(together.size(), 11U);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto alone = classify_one(classifier, bytes[i]);
    for (std::size_t c = 0; c < 10; ++c) {
      EXPECT_NEAR(together[i].scores[c], alone.scores[c], 1e-5) << i;
    }
  }
}

TEST(Classifier, BadImagesFailAloneWhereverTheyStand) {
  auto classifier = digits(3);
  const auto good = sample(7);
  const auto bomb = vision::test::png_header_only(60000, 60000);
  const std::vector<Image> images = {{"text", "hello"}, {"a", good}, {"b", good}, {"bomb", bomb},
                                     {"c", good},       {"d", good}, {"e", ""}};
  const auto results = classifier.classify(images);
  for (const std::size_t i : {0U, 3U, 6U}) {
    ASSERT_TRUE(results[i].error) << i;
    EXPECT_EQ(results[i].error->status(), 422);
    EXPECT_THAT(results[i].error->what(), HasSubstr(vision::shown_name(images[i].name)));
  }
  for (const std::size_t i : {1U, 2U, 4U, 5U}) {
    ASSERT_FALSE(results[i].error) << i;
    EXPECT_EQ(best(results[i]), 7U);
  }
}

TEST(Classifier, WarmsUpAndTakesNoImageAtAll) {
  auto classifier = digits();
  classifier.warm();
  EXPECT_TRUE(classifier.classify({}).empty());
}

// A package of the digits' weights with another description.
class BrokenPackage : public testing::Test {
 protected:
  std::string refusal_with(const std::function<void(PackageConfig&)>& change) {
    auto config = read_package_config(vision::test::package_from(kDigits / "1"));
    change(config);
    try {
      const Classifier classifier(std::move(config));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "accepted";
  }
};

TEST_F(BrokenPackage, IsRefusedWhereTheLabelsAreNotAsMany) {
  EXPECT_THAT(refusal_with([](auto& config) { config.labels.pop_back(); }),
              AllOf(HasSubstr("model.pt"), HasSubstr("gives 10 values, but there are 9 labels")));
}

TEST_F(BrokenPackage, IsRefusedWhereTheNetworkDoesNotTakeItsImages) {
  for (const bool optimize : {false, true}) {
    const auto message = refusal_with([&](auto& config) {
      config.torch.optimize = optimize;
      config.torch.image_shape = {3, 8, 8};
    });
    EXPECT_THAT(message, AllOf(HasSubstr("model.pt"), HasSubstr("(3, 8, 8)")));
  }
}

TEST_F(BrokenPackage, IsRefusedWhereTheFileIsNoTorchScript) {
  const berth::test::TempFolder folder;
  const auto message = refusal_with([&](auto& config) { config.model = folder.write("model.pt", "not a network"); });
  EXPECT_THAT(message, AllOf(HasSubstr("model.pt"), HasSubstr("cannot be loaded as TorchScript")));
  EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
}

TEST_F(BrokenPackage, IsRefusedWhereItAsksForADeviceThatIsNotThere) {
  const auto message = refusal_with([](auto& config) { config.torch.device = Device::cuda; });
  if (message == "accepted") GTEST_SKIP() << "there is a CUDA device";
  EXPECT_THAT(message, HasSubstr("no CUDA device"));
}

TEST(Classifier, FallsBackToTheCpu) {
  auto config = read_package_config(vision::test::package_from(kDigits / "1"));
  config.torch.device = Device::automatic;
  Classifier classifier(std::move(config));
  EXPECT_EQ(best(classify_one(classifier, sample(4))), 4U);
}

}  // namespace
}  // namespace berth::image_classifier
