// SPDX-License-Identifier: Apache-2.0
#include "dialects/image_size.h"

#include <cstddef>

namespace berth::dialects {
namespace {

using namespace std::string_view_literals;

// A number at `offset`, the most significant byte first; 0 where the bytes end before.
std::uint32_t big(std::string_view bytes, std::size_t offset, std::size_t count) {
  if (offset > bytes.size() || count > bytes.size() - offset) return 0;
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(offset, count)) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::uint32_t little(std::string_view bytes, std::size_t offset) {
  const auto value = big(bytes, offset, 4);
  return value << 24U | (value & 0xff00U) << 8U | (value >> 8U & 0xff00U) | value >> 24U;
}

// Its frame header stands behind segments of any length.
ImageSize jpeg_size(std::string_view bytes) {
  for (std::size_t at = 2; at < bytes.size() && big(bytes, at, 1) == 0xff;) {
    const auto marker = big(bytes, at + 1, 1);
    if (marker == 0xff) {  // a filler
      ++at;
      continue;
    }
    const bool is_frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (is_frame) return {big(bytes, at + 7, 2), big(bytes, at + 5, 2)};
    const auto length = big(bytes, at + 2, 2);
    if (length < 2) break;
    at += 2 + length;
  }
  return {};
}

// Rows may be stored from the top, which its height says by being negative.
ImageSize bmp_size(std::string_view bytes) {
  const auto height = little(bytes, 22);
  return {little(bytes, 18), height > INT32_MAX ? ~height + 1 : height};
}

}  // namespace

std::optional<ImageSize> read_image_size(std::string_view bytes) {
  ImageSize size;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) {
    size = {big(bytes, 16, 4), big(bytes, 20, 4)};
  } else if (bytes.starts_with("\xff\xd8"sv)) {
    size = jpeg_size(bytes);
  } else if (bytes.starts_with("BM"sv)) {
    size = bmp_size(bytes);
  }
  if (size.width == 0 || size.height == 0) return std::nullopt;
  return size;
}

}  // namespace berth::dialects
