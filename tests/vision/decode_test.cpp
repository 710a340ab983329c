// SPDX-License-Identifier: Apache-2.0
#include "vision/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "vision/image_files.h"

namespace berth::vision::test {
namespace {

using testing::HasSubstr;

constexpr double kJpegError = 12;  // what its compression may cost on the smooth picture

cv::Mat decoded(const std::string& bytes, const DecodeOptions& options = {}) { return decode(bytes, "it", options); }

// The picture, stored so that it has to be turned by `orientation` to stand upright again: the definition of EXIF's
// tag, pixel by pixel.
cv::Mat stored_for(const cv::Mat& upright, int orientation) {
  const bool swaps = orientation >= 5;
  cv::Mat stored(swaps ? upright.cols : upright.rows, swaps ? upright.rows : upright.cols, upright.type());
  const int last_x = upright.cols - 1;
  const int last_y = upright.rows - 1;
  for (int row = 0; row < stored.rows; ++row) {
    for (int column = 0; column < stored.cols; ++column) {
      // Where the stored row 0 and column 0 lie: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top,
      // 6 right top, 7 right bottom, 8 left bottom.
      const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
      const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
      const int x = swaps ? row : column;
      const int y = swaps ? column : row;
      stored.at<cv::Vec3b>(row, column) =
          upright.at<cv::Vec3b>(from_bottom ? last_y - y : y, from_right ? last_x - x : x);
    }
  }
  return stored;
}

// An uncompressed TIFF of one strip; OpenCV's encoder cannot write an orientation.
std::string tiff_of(const cv::Mat& image, int orientation) {
  constexpr std::uint32_t kTagCount = 10;
  constexpr std::uint32_t kPixelsAt = 8 + 2 + kTagCount * 12 + 4;
  const auto bytes = static_cast<std::uint32_t>(image.total() * image.elemSize());
  cv::Mat rgb;
  cv::cvtColor(image, rgb, cv::COLOR_BGR2RGB);
  return tiff_directory({{.tag = 256, .value = static_cast<std::uint32_t>(image.cols)},
                         {.tag = 257, .value = static_cast<std::uint32_t>(image.rows)},
                         {.tag = 258, .value = 8, .type = 3},  // bits per sample
                         {.tag = 259, .value = 1, .type = 3},  // not compressed
                         {.tag = 262, .value = 2, .type = 3},  // RGB
                         {.tag = 273, .value = kPixelsAt},
                         {.tag = 274, .value = static_cast<std::uint32_t>(orientation), .type = 3},
                         {.tag = 277, .value = 3, .type = 3},  // samples per pixel
                         {.tag = 278, .value = static_cast<std::uint32_t>(image.rows)},
                         {.tag = 279, .value = bytes}}) +
         std::string(reinterpret_cast<const char*>(rgb.data), bytes);
}

TEST(Decode, ReadsEveryFormat) {
  const auto image = picture();
  EXPECT_EQ(largest_difference(decoded(encoded(image, ".png")), image), 0);
  EXPECT_EQ(largest_difference(decoded(encoded(image, ".bmp")), image), 0);
  EXPECT_EQ(largest_difference(decoded(encoded(image, ".tiff")), image), 0);
  EXPECT_EQ(largest_difference(decoded(encoded(image, ".webp", {cv::IMWRITE_WEBP_QUALITY, 101})), image), 0);
  EXPECT_LE(largest_difference(decoded(encoded(image, ".jpg")), image), kJpegError);
}

class EachOrientation : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Decode, EachOrientation, testing::Range(1, 9));

TEST_P(EachOrientation, StandsUpright) {
  const auto image = picture();
  const auto stored = stored_for(image, GetParam());
  const auto exif = exif_of(GetParam());
  EXPECT_LE(largest_difference(decoded(jpeg_with_exif(encoded(stored, ".jpg"), exif)), image), kJpegError);
  EXPECT_EQ(largest_difference(decoded(png_with_chunk(encoded(stored, ".png"), "eXIf", exif)), image), 0);
  const auto webp = encoded(stored, ".webp", {cv::IMWRITE_WEBP_QUALITY, 101});
  EXPECT_EQ(largest_difference(decoded(webp_with_exif(webp, stored.cols, stored.rows, exif)), image), 0);
}

TEST_P(EachOrientation, StandsUprightFromTiff) {
  EXPECT_EQ(largest_difference(decoded(tiff_of(stored_for(picture(), GetParam()), GetParam())), picture()), 0);
}

TEST(Decode, GivesGreyWhereGreyIsAskedFor) {
  const auto image = picture();
  cv::Mat grey;
  cv::cvtColor(image, grey, cv::COLOR_BGR2GRAY);
  for (const char* extension : {".png", ".bmp", ".tiff"}) {
    EXPECT_EQ(largest_difference(decoded(encoded(image, extension), {.grey = true}), grey), 0) << extension;
    EXPECT_EQ(largest_difference(decoded(encoded(grey, extension), {.grey = true}), grey), 0) << extension;
  }
  EXPECT_LE(largest_difference(decoded(encoded(image, ".jpg"), {.grey = true}), grey), kJpegError);
}

TEST(Decode, MakesThreeChannelsOfGrey) {
  const cv::Mat grey(5, 7, CV_8UC1, cv::Scalar(99));
  for (const char* extension : {".png", ".bmp", ".tiff", ".webp", ".jpg"}) {
    const auto image = decoded(encoded(grey, extension));
    EXPECT_LE(largest_difference(image, cv::Mat(5, 7, CV_8UC3, cv::Scalar(99, 99, 99))), 3) << extension;
  }
}

TEST(Decode, PutsTransparentPixelsOnTheBackground) {
  cv::Mat image(1, 3, CV_8UC4);
  image.at<cv::Vec4b>(0, 0) = {10, 20, 30, 255};
  image.at<cv::Vec4b>(0, 1) = {10, 20, 30, 0};
  image.at<cv::Vec4b>(0, 2) = {100, 200, 0, 51};  // a fifth
  const auto png = encoded(image, ".png");
  using Pixel = cv::Vec3b;
  const auto white = decoded(png);
  EXPECT_EQ(white.at<Pixel>(0, 0), Pixel(10, 20, 30));
  EXPECT_EQ(white.at<Pixel>(0, 1), Pixel(255, 255, 255));
  EXPECT_EQ(white.at<Pixel>(0, 2), Pixel(224, 244, 204));
  const auto black = decoded(png, {.background = Background::black});
  EXPECT_EQ(black.at<Pixel>(0, 1), Pixel(0, 0, 0));
  EXPECT_EQ(black.at<Pixel>(0, 2), Pixel(20, 40, 0));
  const auto as_stored = decoded(png, {.background = Background::drop});
  EXPECT_EQ(as_stored.at<Pixel>(0, 1), Pixel(10, 20, 30));
  EXPECT_EQ(as_stored.at<Pixel>(0, 2), Pixel(100, 200, 0));
  EXPECT_EQ(decoded(png, {.grey = true}).at<unsigned char>(0, 1), 255);
}

TEST(Decode, PutsTransparentWebpOnTheBackground) {
  const cv::Mat image(8, 8, CV_8UC4, cv::Scalar(10, 20, 30, 0));
  const auto webp = encoded(image, ".webp", {cv::IMWRITE_WEBP_QUALITY, 101});
  EXPECT_EQ(decoded(webp).at<cv::Vec3b>(3, 3), cv::Vec3b(255, 255, 255));
}

TEST(Decode, IgnoresTheFourthByteOfABmp) {
  const cv::Mat image(8, 8, CV_8UC4, cv::Scalar(10, 20, 30, 0));
  EXPECT_EQ(decoded(encoded(image, ".bmp")).at<cv::Vec3b>(3, 3), cv::Vec3b(10, 20, 30));
}

TEST(Decode, BringsSixteenBitsToEight) {
  cv::Mat image(1, 3, CV_16UC3);
  image.at<cv::Vec3w>(0, 0) = {0, 0x8080, 0xFFFF};
  image.at<cv::Vec3w>(0, 1) = {257, 514, 32896};
  image.at<cv::Vec3w>(0, 2) = {65535, 0, 0};
  for (const char* extension : {".png", ".tiff"}) {
    const auto small = decoded(encoded(image, extension));
    ASSERT_EQ(small.type(), CV_8UC3) << extension;
    EXPECT_EQ(small.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 128, 255)) << extension;
    EXPECT_EQ(small.at<cv::Vec3b>(0, 1), cv::Vec3b(1, 2, 128)) << extension;
    EXPECT_EQ(small.at<cv::Vec3b>(0, 2), cv::Vec3b(255, 0, 0)) << extension;
  }
}

TEST(Decode, RefusesABombByItsHeader) {
  const auto seen = refusal_of([] { decode(png_header_only(60000, 60000), "bomb.png", {}); });
  EXPECT_EQ(seen.status, 422);
  EXPECT_EQ(seen.message, "'bomb.png': 60000x60000 pixels are more than the 50000000 that are accepted");
}

TEST(Decode, TakesAnImageOfExactlyTheLimit) {
  const auto png = encoded(picture(10, 10), ".png");
  EXPECT_EQ(decoded(png, {.max_pixels = 100}).cols, 10);
  EXPECT_EQ(refusal_of([&] { decoded(png, {.max_pixels = 99}); }).status, 422);
}

TEST(Decode, RefusesFilesThatAreDamagedInside) {
  for (const char* extension : {".png", ".tiff", ".webp"}) {
    auto bytes = encoded(picture(), extension);
    for (auto at = bytes.size() / 3; at < bytes.size() * 2 / 3; ++at) bytes[at] = '\x55';
    const auto seen = refusal_of([&] { decode(bytes, "cat", {}); });
    if (std::string(extension) != ".tiff") {  // uncompressed data has no fault
      EXPECT_EQ(seen.status, 422) << extension;
    }
    if (seen.status != 0) {
      EXPECT_THAT(seen.message, HasSubstr("'cat'")) << extension;
    }
  }
}

TEST(Decode, RefusesTruncatedFiles) {
  for (const char* extension : {".jpg", ".png", ".webp", ".bmp", ".tiff"}) {
    const auto whole = encoded(picture(), extension);
    const auto seen = refusal_of([&] { decode(whole.substr(0, whole.size() / 2), "half", {}); });
    EXPECT_EQ(seen.status, 422) << extension;
    EXPECT_THAT(seen.message, HasSubstr("'half'")) << extension;
  }
}

TEST(Decode, ShrinksAJpegWhileDecodingNoFurtherThanAsked) {
  const auto jpeg = encoded(picture(800, 600), ".jpg");
  EXPECT_EQ(decoded(jpeg).size(), cv::Size(800, 600));
  EXPECT_EQ(decoded(jpeg, {.reduce_to_side = 301}).size(), cv::Size(800, 600));
  EXPECT_EQ(decoded(jpeg, {.reduce_to_side = 300}).size(), cv::Size(400, 300));
  EXPECT_EQ(decoded(jpeg, {.reduce_to_side = 100}).size(), cv::Size(200, 150));
  EXPECT_EQ(decoded(jpeg, {.reduce_to_side = 1}).size(), cv::Size(100, 75));
  EXPECT_EQ(decoded(jpeg, {.grey = true, .reduce_to_side = 1}).size(), cv::Size(100, 75));
  EXPECT_EQ(decoded(encoded(picture(800, 600), ".png"), {.reduce_to_side = 1}).size(), cv::Size(800, 600));
}

}  // namespace
}  // namespace berth::vision::test
