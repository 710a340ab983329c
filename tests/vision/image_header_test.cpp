// SPDX-License-Identifier: Apache-2.0
#include "vision/image_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vision/image_files.h"

namespace berth::vision::test {
namespace {

using testing::HasSubstr;

ImageHeader header_of(const std::string& bytes) { return read_image_header(bytes, "it"); }
Refusal refusal(const std::string& bytes, const std::string& name = "cat.img") {
  return refusal_of([&] { read_image_header(bytes, name); });
}

class EachFormat : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(ImageHeader, EachFormat, testing::Values(".jpg", ".png", ".webp", ".bmp", ".tiff"),
                         [](const auto& tested) { return std::string(tested.param).substr(1); });

TEST_P(EachFormat, TellsTheSize) {
  const auto header = header_of(encoded(picture(51, 37), GetParam()));
  EXPECT_EQ(header.width, 51U);
  EXPECT_EQ(header.height, 37U);
  EXPECT_EQ(header.orientation, 1);
  EXPECT_FALSE(header.has_alpha);
}

TEST_P(EachFormat, RefusesEveryCutWithoutReadingOutside) {
  const auto whole = encoded(picture(16, 12), GetParam());
  for (std::size_t length = 0; length < whole.size(); length += length < 128 ? 1 : 61) {
    const auto exact = std::string(whole.data(), length);  // of its own, for the address sanitizer
    const auto seen = refusal(exact);
    // A TIFF's directory lies at its end or start; only what is in it counts here, its pixels are the decoder's.
    if (std::string(GetParam()) != ".tiff") {
      EXPECT_EQ(seen.status, 422) << length;
    }
    if (seen.status != 0) {
      EXPECT_THAT(seen.message, HasSubstr("cat.img")) << length;
    }
  }
}

TEST_P(EachFormat, SurvivesAnyByteReplaced) {
  const auto whole = encoded(picture(16, 12), GetParam());
  for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 400); ++at) {
    for (const char value : {'\0', '\x7F', '\xFF'}) {
      auto bent = whole;
      bent[at] = value;
      const auto seen = refusal(bent);
      EXPECT_TRUE(seen.status == 0 || seen.status == 422) << at;
    }
  }
}

TEST(ImageHeader, RefusesWhatIsNoImageAndNamesIt) {
  EXPECT_EQ(refusal("hello").message, "'cat.img': not an image of a supported format (JPEG, PNG, WebP, BMP, TIFF)");
  EXPECT_EQ(refusal("").message, "'cat.img': it is empty");
  EXPECT_EQ(refusal("GIF89a......", "").message,
            "the image: not an image of a supported format (JPEG, PNG, WebP, BMP, TIFF)");
}

TEST(ImageHeader, CutsALongNameAtAWholeCharacter) {
  std::string name(1, 'x');
  for (int i = 0; i < 100; ++i) name += "\xC3\xA9";
  const auto shown = shown_name(name);
  EXPECT_EQ(shown, std::string("'x").append(name, 1, 118).append("...'"));
}

TEST(ImageHeader, ReadsTheSizeOfAnImageThatIsNotThere) {
  const auto header = header_of(png_header_only(60000, 60000));
  EXPECT_EQ(header.pixels(), std::uint64_t{60000} * 60000);
}

TEST(ImageHeader, CountsATileThatIsLargerThanItsImage) {
  const auto tiff = tiff_directory({{.tag = 256, .value = 10},
                                    {.tag = 257, .value = 10},
                                    {.tag = 322, .value = 60000},
                                    {.tag = 323, .value = 60000}});
  EXPECT_EQ(header_of(tiff).pixels(), std::uint64_t{60000} * 60000);
}

TEST(ImageHeader, ReadsBothByteOrdersOfTiff) {
  for (const bool little : {true, false}) {
    const auto header =
        header_of(tiff_directory({{.tag = 256, .value = 300, .type = 3}, {.tag = 257, .value = 70000}}, little));
    EXPECT_EQ(header.width, 300U);
    EXPECT_EQ(header.height, 70000U);
  }
}

TEST(ImageHeader, ReadsABmpWhoseRowsRunDownwards) {
  auto bmp = encoded(picture(20, 10), ".bmp");
  bmp.replace(22, 4, little_endian(static_cast<std::uint32_t>(-10)));
  EXPECT_EQ(header_of(bmp).height, 10U);
}

TEST(ImageHeader, RefusesKindsThatCannotBeDecoded) {
  EXPECT_THAT(refusal(std::string("II+\0\x08\0\0\0", 8)).message, HasSubstr("BigTIFF"));
  EXPECT_THAT(refusal(encoded(cv::Mat(4, 4, CV_32FC1, cv::Scalar(1)), ".tiff")).message, HasSubstr("floating-point"));
  auto webp = webp_with_exif(encoded(picture(), ".webp"), 48, 32, exif_of(1));
  webp[20] = '\x02';
  EXPECT_THAT(refusal(webp).message, HasSubstr("animated"));
}

TEST(ImageHeader, RefusesATiffThatSaysItsSizeTwice) {
  EXPECT_EQ(
      refusal(tiff_directory({{.tag = 256, .value = 9}, {.tag = 256, .value = 9000}, {.tag = 257, .value = 9}})).status,
      422);
}

TEST(ImageHeader, RefusesAJpegMadeOfScans) {
  const auto jpeg = encoded(picture(), ".jpg");
  const auto scan = jpeg.find("\xFF\xDA");
  std::string many = jpeg.substr(0, scan);
  for (int i = 0; i < 200; ++i) many += jpeg.substr(scan, jpeg.size() - scan - 2);
  EXPECT_THAT(refusal(many + "\xFF\xD9").message, HasSubstr("too many scans"));
}

TEST(ImageHeader, RefusesImagesWithoutPixels) {
  EXPECT_THAT(refusal(png_header_only(0, 5)).message, HasSubstr("no pixels"));
}

TEST(ImageHeader, IgnoresWhatFollowsAJpegsEnd) {
  EXPECT_EQ(header_of(encoded(picture(), ".jpg") + std::string(1000, 'x')).width, 48U);
}

TEST(ImageHeader, ReadsTheOrientationWhereverAFormatKeepsIt) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool little : {true, false}) {
      const auto exif = exif_of(orientation, little);
      EXPECT_EQ(header_of(jpeg_with_exif(encoded(picture(), ".jpg"), exif)).orientation, orientation);
      EXPECT_EQ(header_of(png_with_chunk(encoded(picture(), ".png"), "eXIf", exif)).orientation, orientation);
      EXPECT_EQ(header_of(webp_with_exif(encoded(picture(), ".webp"), 48, 32, exif)).orientation, orientation);
    }
  }
}

TEST(ImageHeader, TakesADamagedExifBlockForNone) {
  for (const auto& exif : {std::string("II"), exif_of(9), exif_of(0), exif_of(6).substr(0, 15)}) {
    EXPECT_EQ(header_of(jpeg_with_exif(encoded(picture(), ".jpg"), exif)).orientation, 1);
  }
}

}  // namespace
}  // namespace berth::vision::test
