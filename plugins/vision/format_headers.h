// SPDX-License-Identifier: Apache-2.0
// One reader a format, used by read_image_header. Each is given bytes that begin with its signature.
#pragma once

#include <optional>
#include <string_view>

#include "vision/byte_reader.h"
#include "vision/image_header.h"

namespace berth::vision {

// All throw Malformed.
ImageHeader read_jpeg_header(std::string_view bytes);
ImageHeader read_png_header(std::string_view bytes);
ImageHeader read_webp_header(std::string_view bytes);
ImageHeader read_bmp_header(std::string_view bytes);
ImageHeader read_tiff_header(std::string_view bytes);

// The orientation in an EXIF block (which is a small TIFF without an image); 1 where it has none or is damaged: a bad
// note beside a good picture is no reason to refuse it.
int read_exif_orientation(std::string_view exif);

}  // namespace berth::vision
