// SPDX-License-Identifier: Apache-2.0
#include "dialects/image_size.h"

#include <gtest/gtest.h>

#include <string>

namespace berth::dialects {
namespace {

using namespace std::string_literals;

// "300x200"; "" where it is not known.
std::string size_of(std::string_view bytes) {
  const auto size = read_image_size(bytes);
  return size ? std::to_string(size->width) + "x" + std::to_string(size->height) : "";
}

const std::string kPng = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2c\0\0\0\xc8"s;
// A comment, fillers and a table stand before the frame.
const std::string kJpeg =
    "\xff\xd8\xff\xfe\0\x05"s
    "abc\xff\xff\xff\xc4\0\x03"s
    "x\xff\xc2\0\x11\x08\0\xc8\x01\x2c"s;
std::string bmp(const std::string& height) { return "BM"s + std::string(12, 'x') + "\x28\0\0\0\x2c\x01\0\0"s + height; }

TEST(ImageSize, IsReadFromEachKindOfHeader) {
  EXPECT_EQ(size_of(kPng), "300x200");
  EXPECT_EQ(size_of(kJpeg), "300x200");
  EXPECT_EQ(size_of(bmp("\xc8\0\0\0"s)), "300x200");
  EXPECT_EQ(size_of(bmp("\x38\xff\xff\xff"s)), "300x200") << "stored from the top";
}

TEST(ImageSize, IsNotKnownOfWhatEndsBeforeItOrIsNoImage) {
  for (const auto& whole : {kPng, kJpeg, bmp("\xc8\0\0\0"s)}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto size = size_of(std::string_view(whole).substr(0, length));
      EXPECT_EQ(size, "") << length << " bytes";
    }
  }
  EXPECT_EQ(size_of("a text"), "");
  EXPECT_EQ(size_of("\xff\xd8\xff\xe0\0\0"s), "") << "a segment that never ends";
  EXPECT_EQ(size_of("\xff\xd8\xff\xda\0\x02"s), "") << "no frame";
}

}  // namespace
}  // namespace berth::dialects
