// SPDX-License-Identifier: Apache-2.0
// Image files for the vision tests, made when they run: encoded by OpenCV, then bent by hand.
#pragma once

#include <berth/error.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace berth::vision::test {

// `extension` as OpenCV's encoder knows it: ".png".
std::string encoded(const cv::Mat& image, const std::string& extension, const std::vector<int>& parameters = {});

// A smooth colour picture without any symmetry, kind to lossy formats. BGR.
cv::Mat picture(int width = 48, int height = 32);

// The big-endian or little-endian bytes of a number.
std::string big_endian(std::uint32_t value, std::size_t bytes = 4);
std::string little_endian(std::uint32_t value, std::size_t bytes = 4);

// A TIFF structure with one directory of SHORT or LONG tags and nothing else: an EXIF block, or the header of a TIFF.
struct TiffTag {
  std::uint16_t tag;
  std::uint32_t value;
  std::uint16_t type = 4;
};
std::string tiff_directory(const std::vector<TiffTag>& tags, bool little = true);
std::string exif_of(int orientation, bool little = true);

// The file with an EXIF orientation put into it.
std::string jpeg_with_exif(const std::string& jpeg, const std::string& exif);
std::string png_with_chunk(const std::string& png, const std::string& type, const std::string& data);
std::string webp_with_exif(const std::string& webp, int width, int height, const std::string& exif);

// A PNG that declares a size and holds nothing like it.
std::string png_header_only(std::uint32_t width, std::uint32_t height);

// Status and message of the berth::Error that `call` throws; status 0 where it throws none.
struct Refusal {
  int status = 0;
  std::string message;
};
Refusal refusal_of(const std::function<void()>& call);

// The largest difference between two images' values; 256 where their sizes or types differ.
double largest_difference(const cv::Mat& left, const cv::Mat& right);

}  // namespace berth::vision::test
