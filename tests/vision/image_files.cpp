// SPDX-License-Identifier: Apache-2.0
#include "vision/image_files.h"

#include <array>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>

namespace berth::vision::test {
namespace {

// CRC-32 of a PNG's chunk (ISO 3309).
std::uint32_t checksum(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string chunk(const std::string& type, const std::string& data) {
  const auto body = type + data;
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(checksum(body));
}

std::string riff_chunk(const std::string& type, const std::string& data) {
  auto made = type + little_endian(static_cast<std::uint32_t>(data.size())) + data;
  if (data.size() % 2 == 1) made.push_back('\0');
  return made;
}

constexpr std::size_t kPngFirstChunkEnd = 8 + 12 + 13;

}  // namespace

std::string encoded(const cv::Mat& image, const std::string& extension, const std::vector<int>& parameters) {
  std::vector<unsigned char> bytes;
  if (!cv::imencode(extension, image, bytes, parameters)) throw std::runtime_error("cannot encode " + extension);
  return {bytes.begin(), bytes.end()};
}

cv::Mat picture(int width, int height) {
  cv::Mat image(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<unsigned char>(40 + 160 * x / width), static_cast<unsigned char>(30 + 180 * y / height),
                    static_cast<unsigned char>(20 + 200 * x * y / (width * height)));
    }
  }
  return image;
}

std::string big_endian(std::uint32_t value, std::size_t bytes) {
  std::string made;
  for (auto at = bytes; at > 0; --at) made.push_back(static_cast<char>(value >> (8 * (at - 1)) & 0xFFU));
  return made;
}

std::string little_endian(std::uint32_t value, std::size_t bytes) {
  const auto reversed = big_endian(value, bytes);
  return {reversed.rbegin(), reversed.rend()};
}

std::string tiff_directory(const std::vector<TiffTag>& tags, bool little) {
  const auto number = little ? little_endian : big_endian;
  std::string made = little ? std::string("II") : std::string("MM");
  made += number(42, 2) + number(8, 4) + number(static_cast<std::uint32_t>(tags.size()), 2);
  for (const auto& [tag, value, type] : tags) {
    made += number(tag, 2) + number(type, 2) + number(1, 4);
    made += type == 3 ? number(value, 2) + std::string(2, '\0') : number(value, 4);
  }
  return made + number(0, 4);
}

std::string exif_of(int orientation, bool little) {
  return tiff_directory({{.tag = 274, .value = static_cast<std::uint32_t>(orientation), .type = 3}}, little);
}

std::string jpeg_with_exif(const std::string& jpeg, const std::string& exif) {
  const auto content = std::string("Exif\0\0", 6) + exif;
  const auto length = big_endian(static_cast<std::uint32_t>(content.size() + 2), 2);
  return jpeg.substr(0, 2) + "\xFF\xE1" + length + content + jpeg.substr(2);
}

std::string png_with_chunk(const std::string& png, const std::string& type, const std::string& data) {
  return png.substr(0, kPngFirstChunkEnd) + chunk(type, data) + png.substr(kPngFirstChunkEnd);
}

std::string webp_with_exif(const std::string& webp, int width, int height, const std::string& exif) {
  const auto side = [](int pixels) { return little_endian(static_cast<std::uint32_t>(pixels - 1), 3); };
  const auto header = riff_chunk("VP8X", std::string("\x08\0\0\0", 4) + side(width) + side(height));
  const auto body = std::string("WEBP") + header + webp.substr(12) + riff_chunk("EXIF", exif);
  return "RIFF" + little_endian(static_cast<std::uint32_t>(body.size())) + body;
}

std::string png_header_only(std::uint32_t width, std::uint32_t height) {
  const std::string kind("\x08\x02\0\0\0", 5);  // 8 bits, colour
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", big_endian(width) + big_endian(height) + kind) + chunk("IDAT", "") +
         chunk("IEND", "");
}

Refusal refusal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.status(), error.what()};
  }
  return {};
}

double largest_difference(const cv::Mat& left, const cv::Mat& right) {
  if (left.size() != right.size() || left.type() != right.type()) return 256;
  return cv::norm(left, right, cv::NORM_INF);
}

}  // namespace berth::vision::test
