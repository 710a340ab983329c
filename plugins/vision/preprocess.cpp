// SPDX-License-Identifier: Apache-2.0
#include "vision/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace berth::vision {
namespace {

constexpr int kLeastOversampling = 2;

cv::Mat scaled(const cv::Mat& image, cv::Size size, Interpolation interpolation) {
  if (image.size() == size) return image;
  const bool shrinks = size.width <= image.cols && size.height <= image.rows;
  const bool by_area = interpolation == Interpolation::area || (interpolation == Interpolation::automatic && shrinks);
  cv::Mat result;
  cv::resize(image, result, size, 0, 0, by_area ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

cv::Mat cropped(const cv::Mat& image, const Preprocessing& how) {
  const double factor = static_cast<double>(how.shorter_side) / std::min(image.cols, image.rows);
  // Rounded as torchvision's Resize and CenterCrop do, with which such networks are trained.
  const cv::Size size(std::max(how.shorter_side, static_cast<int>(image.cols * factor)),
                      std::max(how.shorter_side, static_cast<int>(image.rows * factor)));
  const auto whole = scaled(image, size, how.interpolation);
  const auto left = static_cast<int>(std::nearbyint((size.width - how.width) / 2.0));
  const auto top = static_cast<int>(std::nearbyint((size.height - how.height) / 2.0));
  return whole(cv::Rect(left, top, how.width, how.height));
}

cv::Mat padded(const cv::Mat& image, const Preprocessing& how) {
  double factor = std::min(static_cast<double>(how.width) / image.cols, static_cast<double>(how.height) / image.rows);
  if (!how.pad_enlarges) factor = std::min(factor, 1.0);
  const cv::Size size(std::clamp(static_cast<int>(std::lround(image.cols * factor)), 1, how.width),
                      std::clamp(static_cast<int>(std::lround(image.rows * factor)), 1, how.height));
  cv::Mat canvas(how.height, how.width, image.type(), cv::Scalar::all(how.pad_value));
  const cv::Rect middle((how.width - size.width) / 2, (how.height - size.height) / 2, size.width, size.height);
  scaled(image, size, how.interpolation).copyTo(canvas(middle));
  return canvas;
}

// The side that a scaled decoding must not go below, doubled so that the resize that follows has something to average.
int least_decoded_side(const Preprocessing& how) {
  if (!how.scaled_decoding) return 0;
  const int needed = how.resize == Resize::crop ? how.shorter_side : std::max(how.width, how.height);
  return kLeastOversampling * needed;
}

// Where channel `c` of what the network takes lies in a pixel of the image.
int stored_channel(const Preprocessing& how, int c) { return how.channels == Channels::rgb ? 2 - c : c; }

// A value becomes value * scale + offset.
double scale_of(const Preprocessing& how, std::size_t channel) {
  return 1.0 / (how.divide_by * how.deviation[channel]);
}
double offset_of(const Preprocessing& how, std::size_t channel) { return -how.mean[channel] / how.deviation[channel]; }

void to_planes(const cv::Mat& image, const Preprocessing& how, std::span<float> planes) {
  const int channels = how.channel_count();
  const auto plane_size = planes.size() / static_cast<std::size_t>(channels);
  cv::Mat plane = image;
  for (int c = 0; c < channels; ++c) {
    const auto of_channel = static_cast<std::size_t>(c);
    if (channels == 3) cv::extractChannel(image, plane, stored_channel(how, c));
    // A view of the caller's buffer: of the right size and type already, so that convertTo fills it where it is.
    cv::Mat filled(how.height, how.width, CV_32FC1, planes.data() + of_channel * plane_size);
    plane.convertTo(filled, CV_32F, scale_of(how, of_channel), offset_of(how, of_channel));
  }
}

void to_pixels(const cv::Mat& image, const Preprocessing& how, std::span<float> pixels) {
  std::array<float, 3> scale{};
  std::array<float, 3> offset{};
  for (std::size_t c = 0; c < 3; ++c) {
    scale[c] = static_cast<float>(scale_of(how, c));
    offset[c] = static_cast<float>(offset_of(how, c));
  }
  const int first = stored_channel(how, 0);
  const int last = stored_channel(how, 2);
  auto* to = pixels.data();
  for (int y = 0; y < image.rows; ++y) {
    const auto* from = image.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.cols; ++x, from += 3, to += 3) {
      to[0] = static_cast<float>(from[first]) * scale[0] + offset[0];
      to[1] = static_cast<float>(from[1]) * scale[1] + offset[1];
      to[2] = static_cast<float>(from[last]) * scale[2] + offset[2];
    }
  }
}

}  // namespace

cv::Mat resized(const cv::Mat& image, const Preprocessing& how) {
  switch (how.resize) {
    case Resize::stretch: return scaled(image, {how.width, how.height}, how.interpolation);
    case Resize::crop: return cropped(image, how);
    case Resize::pad: return padded(image, how);
  }
  throw std::logic_error("an unknown resize mode");
}

void normalise(const cv::Mat& image, const Preprocessing& how, std::span<float> numbers) {
  if (image.cols != how.width || image.rows != how.height || image.type() != CV_8UC(how.channel_count()) ||
      numbers.size() != how.element_count()) {
    throw std::logic_error("normalise: the image or the buffer has another size than declared");
  }
  const bool interleaved = how.layout == Layout::channels_last && how.channel_count() > 1;
  interleaved ? to_pixels(image, how, numbers) : to_planes(image, how, numbers);
}

cv::Mat decoded(std::string_view bytes, std::string_view name, const Preprocessing& how) {
  return decode(bytes, name,
                {.max_pixels = how.max_pixels,
                 .background = how.background,
                 .grey = how.channels == Channels::grey,
                 .reduce_to_side = least_decoded_side(how)});
}

void preprocess(std::string_view bytes, std::string_view name, const Preprocessing& how, std::span<float> numbers) {
  normalise(resized(decoded(bytes, name, how), how), how, numbers);
}

}  // namespace berth::vision
