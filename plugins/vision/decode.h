// SPDX-License-Identifier: Apache-2.0
// decode: an upload's bytes to pixels, upright, 8 bits, grey or BGR, whatever the file was.
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string_view>

namespace berth::vision {

// What shows through transparent pixels (PNG and WebP; in BMP and TIFF transparency is ignored). `drop` takes the
// colours as stored, which in fully transparent places may be anything.
enum class Background { white, black, drop };

struct DecodeOptions {
  std::uint64_t max_pixels = 50'000'000;  // of the image as stored; a larger one is refused by its header
  Background background = Background::white;
  bool grey = false;  // one channel, else three: blue, green, red
  // JPEG only: lets the decoder shrink by 2, 4 or 8 while it decodes, as far as both sides stay at least this large.
  // 0: no such shortcut, every pixel is decoded.
  int reduce_to_side = 0;
};

// Throws berth::Error(422) that names the file and what is wrong with it: see read_image_header; more than max_pixels;
// or damaged inside. [any]
cv::Mat decode(std::string_view bytes, std::string_view name, const DecodeOptions& options);

}  // namespace berth::vision
