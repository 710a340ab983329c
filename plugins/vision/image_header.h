// SPDX-License-Identifier: Apache-2.0
// ImageHeader: what an image file says of itself, read without decoding it, so that a bomb is refused before it goes
// off.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace berth::vision {

enum class Format { jpeg, png, webp, bmp, tiff };
std::string_view to_string(Format format);

struct ImageHeader {
  Format format = Format::jpeg;
  std::uint32_t width = 0;  // as stored, before the orientation is applied; never 0
  std::uint32_t height = 0;
  std::uint32_t tile_width = 0;  // TIFF: a tile may be larger than its image, and is decoded whole
  std::uint32_t tile_height = 0;
  int orientation = 1;     // EXIF's 1 to 8; 5 to 8 swap the sides
  bool has_alpha = false;  // PNG and WebP only

  // What decoding has to hold at once.
  std::uint64_t pixels() const {
    const auto image = std::uint64_t{width} * height;
    const auto tile = std::uint64_t{tile_width} * tile_height;
    return image > tile ? image : tile;
  }
};

// Reads the header and walks the file's structure to its end, so that a file that was cut off is noticed. `name` is
// the client's file name, for messages. Throws berth::Error(422) that names the file and what is wrong: not one of the
// five formats, truncated, or of a kind that cannot be decoded (animated, 12-bit JPEG, BigTIFF, float TIFF). [any]
ImageHeader read_image_header(std::string_view bytes, std::string_view name);

// `name` as a message shows it: quoted, cut where it is too long, "the image" where it is empty. [any]
std::string shown_name(std::string_view name);

}  // namespace berth::vision
