// SPDX-License-Identifier: Apache-2.0
// Preprocessing against a plain reference, written pixel by pixel.
#include "vision/preprocess.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "vision/image_files.h"

namespace berth::vision::test {
namespace {

constexpr double kFloatError = 1e-6;  // one multiplication and addition against two divisions and a subtraction

std::vector<float> planes_of(const std::string& bytes, const Preprocessing& how) {
  std::vector<float> planes(how.element_count());
  preprocess(bytes, "it", how, planes);
  return planes;
}

// The mean of the pixels that each target pixel covers, for factors that are whole numbers.
cv::Mat box_average(const cv::Mat& image, int width, int height) {
  cv::Mat small(height, width, CV_8UC3);
  const int across = image.cols / width;
  const int down = image.rows / height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      cv::Vec3d sum(0, 0, 0);
      for (int i = 0; i < across * down; ++i) {
        sum += cv::Vec3d(image.at<cv::Vec3b>(y * down + i / across, x * across + i % across));
      }
      for (int c = 0; c < 3; ++c) {
        small.at<cv::Vec3b>(y, x)[c] = static_cast<unsigned char>(std::lround(sum[c] / (across * down)));
      }
    }
  }
  return small;
}

TEST(Preprocess, NormalisesEachChannelAsDeclared) {
  const auto image = picture(6, 4);
  const Preprocessing how{.width = 6,
                          .height = 4,
                          .channels = Channels::rgb,
                          .divide_by = 255,
                          .mean = {0.485F, 0.456F, 0.406F},
                          .deviation = {0.229F, 0.224F, 0.225F}};
  const auto planes = planes_of(encoded(image, ".png"), how);
  for (std::size_t c = 0; c < 3; ++c) {
    for (int i = 0; i < 24; ++i) {
      const auto pixel = image.at<cv::Vec3b>(i / 6, i % 6)[2 - static_cast<int>(c)];
      const double wanted = (pixel / 255.0 - double{how.mean[c]}) / double{how.deviation[c]};
      EXPECT_NEAR(planes[c * 24 + static_cast<std::size_t>(i)], wanted, kFloatError);
    }
  }
}

TEST(Preprocess, KeepsBlueGreenRedWhereThatIsDeclared) {
  const auto image = picture(6, 4);
  const auto planes =
      planes_of(encoded(image, ".png"), {.width = 6, .height = 4, .channels = Channels::bgr, .divide_by = 1});
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < 24; ++i) {
      EXPECT_EQ(planes[c * 24 + i],
                image.at<cv::Vec3b>(static_cast<int>(i) / 6, static_cast<int>(i) % 6)[static_cast<int>(c)]);
    }
  }
}

TEST(Preprocess, GivesPixelAfterPixelWhereChannelsAreLast) {
  const auto image = picture(7, 5);
  for (const auto channels : {Channels::rgb, Channels::bgr}) {
    Preprocessing how{
        .width = 7, .height = 5, .channels = channels, .mean = {0.1F, 0.2F, 0.3F}, .deviation = {1, 2, 3}};
    const auto planes = planes_of(encoded(image, ".png"), how);
    how.layout = Layout::channels_last;
    const auto pixels = planes_of(encoded(image, ".png"), how);
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t i = 0; i < 35; ++i) EXPECT_NEAR(pixels[i * 3 + c], planes[c * 35 + i], kFloatError);
    }
  }
}

TEST(Preprocess, MakesOnePlaneOfGrey) {
  const Preprocessing how{.width = 8, .height = 8, .channels = Channels::grey, .divide_by = 51};
  EXPECT_EQ(how.element_count(), 64U);
  for (const float value : planes_of(encoded(cv::Mat(8, 8, CV_8UC3, cv::Scalar(102, 102, 102)), ".png"), how)) {
    EXPECT_NEAR(value, 2, kFloatError);
  }
}

TEST(Preprocess, AveragesOverAreas) {
  const auto image = picture(48, 36);
  const auto wanted = box_average(image, 16, 9);
  for (const auto interpolation : {Interpolation::area, Interpolation::automatic}) {
    const auto small = resized(image, {.width = 16, .height = 9, .interpolation = interpolation});
    EXPECT_LE(largest_difference(small, wanted), 1);  // halves may be rounded either way
  }
}

TEST(Preprocess, EnlargesLinearlyByItself) {
  cv::Mat image(1, 2, CV_8UC1);
  image.at<unsigned char>(0, 0) = 0;
  image.at<unsigned char>(0, 1) = 200;
  const auto large = resized(image, {.width = 4, .height = 1, .channels = Channels::grey});
  EXPECT_EQ(large.at<unsigned char>(0, 0), 0);
  EXPECT_EQ(large.at<unsigned char>(0, 1), 50);
  EXPECT_EQ(large.at<unsigned char>(0, 2), 150);
  EXPECT_EQ(large.at<unsigned char>(0, 3), 200);
}

TEST(Preprocess, CutsTheMiddleOut) {
  // Nothing to scale: the shorter side has its length already.
  const auto image = picture(40, 20);
  const auto middle = resized(image, {.width = 10, .height = 8, .resize = Resize::crop, .shorter_side = 20});
  EXPECT_EQ(largest_difference(middle, image(cv::Rect(15, 6, 10, 8))), 0);
}

TEST(Preprocess, ScalesTheShorterSideBeforeItCuts) {
  for (const auto size : {cv::Size(60, 30), cv::Size(30, 61), cv::Size(7, 500), cv::Size(1, 1)}) {
    const auto cut = resized(picture(size.width, size.height),
                             {.width = 224, .height = 224, .resize = Resize::crop, .shorter_side = 256});
    EXPECT_EQ(cut.size(), cv::Size(224, 224)) << size;
  }
  const auto image = picture(60, 30);
  const auto half = resized(image, {.width = 10, .height = 15, .resize = Resize::crop, .shorter_side = 15});
  EXPECT_LE(largest_difference(half, box_average(image, 30, 15)(cv::Rect(10, 0, 10, 15))), 1);
}

TEST(Preprocess, PadsWhatDoesNotFill) {
  const cv::Mat image(10, 40, CV_8UC1, cv::Scalar(200));
  const auto padded =
      resized(image, {.width = 20, .height = 20, .channels = Channels::grey, .resize = Resize::pad, .pad_value = 7});
  cv::Mat wanted(20, 20, CV_8UC1, cv::Scalar(7));
  wanted(cv::Rect(0, 7, 20, 5)).setTo(200);  // the odd row left over lies below
  EXPECT_EQ(largest_difference(padded, wanted), 0);
}

TEST(Preprocess, EnlargesIntoThePaddingOnlyWhereDeclared) {
  const cv::Mat image(4, 4, CV_8UC1, cv::Scalar(200));
  Preprocessing how{.width = 8, .height = 8, .channels = Channels::grey, .resize = Resize::pad};
  EXPECT_EQ(cv::countNonZero(resized(image, how)), 64);
  how.pad_enlarges = false;
  EXPECT_EQ(cv::countNonZero(resized(image, how)), 16);
}

TEST(Preprocess, ScaledDecodingChangesLittle) {
  const auto jpeg = encoded(picture(1600, 1200), ".jpg");
  Preprocessing how{.width = 100, .height = 75, .divide_by = 1};
  const auto exact = planes_of(jpeg, how);
  how.scaled_decoding = true;
  const auto quick = planes_of(jpeg, how);
  for (std::size_t i = 0; i < exact.size(); ++i) ASSERT_NEAR(quick[i], exact[i], 3);
}

TEST(Preprocess, RefusesABufferOfAnotherSize) {
  std::vector<float> planes(5);
  EXPECT_THROW(preprocess(encoded(picture(), ".png"), "it", {.width = 8, .height = 8}, planes), std::logic_error);
}

}  // namespace
}  // namespace berth::vision::test
