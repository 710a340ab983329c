// SPDX-License-Identifier: Apache-2.0
#include "vision/image_header.h"

#include <berth/error.h>

#include "vision/format_headers.h"

namespace berth::vision {
namespace {

constexpr int kUnprocessable = 422;
constexpr std::size_t kShownNameBytes = 120;

ImageHeader read_by_signature(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.empty()) throw Malformed{"it is empty"};
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return read_jpeg_header(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return read_png_header(bytes);
  if (bytes.starts_with("RIFF"sv) && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv) {
    return read_webp_header(bytes);
  }
  if (bytes.starts_with("BM"sv)) return read_bmp_header(bytes);
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) return read_tiff_header(bytes);
  if (bytes.starts_with("II+\0"sv) || bytes.starts_with("MM\0+"sv)) throw Malformed{"BigTIFF is not supported"};
  throw Malformed{"not an image of a supported format (JPEG, PNG, WebP, BMP, TIFF)"};
}

}  // namespace

std::string_view to_string(Format format) {
  switch (format) {
    case Format::jpeg: return "JPEG";
    case Format::png: return "PNG";
    case Format::webp: return "WebP";
    case Format::bmp: return "BMP";
    case Format::tiff: return "TIFF";
  }
  return "";
}

std::string shown_name(std::string_view name) {
  if (name.empty()) return "the image";
  auto shown = name.size();
  if (shown > kShownNameBytes) {
    shown = kShownNameBytes;
    while (shown > 0 && (static_cast<unsigned char>(name[shown]) & 0xC0U) == 0x80U) --shown;  // a whole character
  }
  std::string quoted(1, '\'');
  quoted.append(name.substr(0, shown)).append(shown < name.size() ? "...'" : "'");
  return quoted;
}

ImageHeader read_image_header(std::string_view bytes, std::string_view name) {
  try {
    auto header = read_by_signature(bytes);
    if (header.width == 0 || header.height == 0) throw Malformed{"it has no pixels"};
    return header;
  } catch (const Malformed& malformed) {
    throw Error(kUnprocessable, shown_name(name) + ": " + malformed.reason);
  }
}

}  // namespace berth::vision
