// SPDX-License-Identifier: Apache-2.0
#include "vision/decode.h"

#include <berth/error.h>

#include <algorithm>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "vision/image_header.h"

namespace berth::vision {
namespace {

constexpr int kUnprocessable = 422;

void refuse_bombs(const ImageHeader& header, std::string_view bytes, std::string_view name, std::uint64_t max_pixels) {
  if (header.pixels() > max_pixels) {
    throw Error(kUnprocessable, shown_name(name) + ": " + std::to_string(header.width) + "x" +
                                    std::to_string(header.height) + " pixels are more than the " +
                                    std::to_string(max_pixels) + " that are accepted");
  }
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error(kUnprocessable, shown_name(name) + ": the file is too large to decode");
  }
}

// 1, 2, 4 or 8.
int reduction(const ImageHeader& header, int least_side) {
  if (header.format != Format::jpeg || least_side <= 0) return 1;
  int factor = 8;
  while (factor > 1 &&
         std::min(header.width, header.height) / static_cast<unsigned>(factor) < static_cast<unsigned>(least_side)) {
    factor /= 2;
  }
  return factor;
}

// The orientation is ours to apply: which formats the decoder does it for differs between its versions. In a TIFF it
// always does it.
int decoder_flags(const ImageHeader& header, const DecodeOptions& options, int factor) {
  const bool grey = options.grey && header.format == Format::jpeg;
  int flags = grey ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR;
  if (factor == 2) flags = grey ? cv::IMREAD_REDUCED_GRAYSCALE_2 : cv::IMREAD_REDUCED_COLOR_2;
  if (factor == 4) flags = grey ? cv::IMREAD_REDUCED_GRAYSCALE_4 : cv::IMREAD_REDUCED_COLOR_4;
  if (factor == 8) flags = grey ? cv::IMREAD_REDUCED_GRAYSCALE_8 : cv::IMREAD_REDUCED_COLOR_8;
  if (header.format == Format::png || header.format == Format::webp) return cv::IMREAD_UNCHANGED;
  return flags | cv::IMREAD_IGNORE_ORIENTATION;
}

cv::Mat to_8_bit(const cv::Mat& image) {
  if (image.depth() == CV_8U) return image;
  cv::Mat converted;
  image.convertTo(converted, CV_8U, image.depth() == CV_16U ? 1.0 / 257 : 1.0);
  return converted;
}

cv::Mat without_alpha(const cv::Mat& image, Background background) {
  cv::Mat colours(image.size(), CV_8UC3);
  const unsigned behind = background == Background::white ? 255 : 0;
  for (int y = 0; y < image.rows; ++y) {
    const auto* from = image.ptr<std::uint8_t>(y);
    auto* to = colours.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.cols; ++x, from += 4, to += 3) {
      const unsigned alpha = background == Background::drop ? 255 : from[3];
      for (int c = 0; c < 3; ++c) {
        to[c] = static_cast<std::uint8_t>((from[c] * alpha + behind * (255 - alpha) + 127) / 255);
      }
    }
  }
  return colours;
}

cv::Mat upright(const cv::Mat& image, int orientation) {
  cv::Mat turned;
  switch (orientation) {
    case 2: cv::flip(image, turned, 1); return turned;
    case 3: cv::rotate(image, turned, cv::ROTATE_180); return turned;
    case 4: cv::flip(image, turned, 0); return turned;
    case 5: cv::transpose(image, turned); return turned;
    case 6: cv::rotate(image, turned, cv::ROTATE_90_CLOCKWISE); return turned;
    case 7:  // mirrored along the other diagonal
      cv::transpose(image, turned);
      cv::rotate(turned, turned, cv::ROTATE_180);
      return turned;
    case 8: cv::rotate(image, turned, cv::ROTATE_90_COUNTERCLOCKWISE); return turned;
    default: return image;
  }
}

cv::Mat with_channels(const cv::Mat& image, bool grey) {
  if (image.channels() == (grey ? 1 : 3)) return image;
  cv::Mat converted;
  cv::cvtColor(image, converted, grey ? cv::COLOR_BGR2GRAY : cv::COLOR_GRAY2BGR);
  return converted;
}

cv::Mat decode_pixels(std::string_view bytes, int flags) {
  try {
    // The decoder reads only; its interface knows no const.
    const cv::Mat wrapped(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
    return cv::imdecode(wrapped, flags);
  } catch (const cv::Exception&) {
    return {};
  }
}

}  // namespace

cv::Mat decode(std::string_view bytes, std::string_view name, const DecodeOptions& options) {
  const auto header = read_image_header(bytes, name);
  refuse_bombs(header, bytes, name, options.max_pixels);
  const auto factor = reduction(header, options.reduce_to_side);
  auto image = decode_pixels(bytes, decoder_flags(header, options, factor));
  if (image.empty()) {
    throw Error(kUnprocessable,
                shown_name(name) + ": a damaged or unsupported " + std::string(to_string(header.format)));
  }
  image = to_8_bit(image);
  if (image.channels() == 4) image = without_alpha(image, options.background);
  if (header.format != Format::tiff) image = upright(image, header.orientation);
  return with_channels(image, options.grey);
}

}  // namespace berth::vision
