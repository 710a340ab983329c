// SPDX-License-Identifier: Apache-2.0
// preprocess: an upload's bytes to the numbers that a network was trained on, as its package declares.
#pragma once

#include <array>
#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string_view>

#include "vision/decode.h"
#include "vision/layout.h"

namespace berth::vision {

// stretch: to width x height, whatever the proportions. crop: the shorter side becomes `shorter_side`, then width x
// height are cut out of the middle. pad: fitted into width x height, centred, the rest filled.
enum class Resize { stretch, crop, pad };
// automatic: area where it shrinks, linear where it grows.
enum class Interpolation { linear, area, automatic };
enum class Channels { rgb, bgr, grey };

struct Preprocessing {
  int width = 224;
  int height = 224;
  Channels channels = Channels::rgb;
  Resize resize = Resize::stretch;
  int shorter_side = 256;    // crop only; at least as large as width and height
  bool pad_enlarges = true;  // pad only: whether an image that is smaller than width x height is enlarged to fit
  int pad_value = 0;         // pad only: 0..255, in every channel
  Interpolation interpolation = Interpolation::automatic;
  // A pixel p of channel c becomes (p / divide_by - mean[c]) / deviation[c]; channels in the order of `channels`.
  float divide_by = 255;
  std::array<float, 3> mean = {0, 0, 0};
  std::array<float, 3> deviation = {1, 1, 1};
  std::uint64_t max_pixels = 50'000'000;
  Background background = Background::white;
  // JPEG: shrink while decoding to no less than twice the size that is needed. Two to four times faster on large
  // photos, with slightly other numbers.
  bool scaled_decoding = false;
  Layout layout = Layout::channels_first;

  int channel_count() const { return channels == Channels::grey ? 1 : 3; }
  // How many floats one image becomes.
  std::size_t element_count() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(channel_count());
  }
};

// Decodes, resizes and normalises one image into `numbers`: element_count() floats in the order of `how.layout`, row
// after row. Throws berth::Error(422) as decode does. [any]
void preprocess(std::string_view bytes, std::string_view name, const Preprocessing& how, std::span<float> numbers);

// Its three steps. The first gives 8 bits, grey or BGR as `how` says; the last takes an image of how's width and
// height.
cv::Mat decoded(std::string_view bytes, std::string_view name, const Preprocessing& how);
cv::Mat resized(const cv::Mat& image, const Preprocessing& how);
void normalise(const cv::Mat& image, const Preprocessing& how, std::span<float> numbers);

}  // namespace berth::vision
