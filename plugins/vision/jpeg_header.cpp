// SPDX-License-Identifier: Apache-2.0
// JPEG (ITU-T T.81): a chain of marker segments, with coded data between a scan's header and the next marker.
#include "vision/format_headers.h"

namespace berth::vision {
namespace {

constexpr std::uint32_t kStartOfScan = 0xDA;
constexpr std::uint32_t kEndOfImage = 0xD9;
constexpr std::uint32_t kApp1 = 0xE1;
// Each scan of a progressive file is a pass over the whole image; encoders write about ten. More is a file made to
// burn time.
constexpr int kMaxScans = 100;

bool is_start_of_frame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// Markers without a segment: restarts, TEM, and the zero that stuffs an 0xFF within coded data.
bool stands_alone(std::uint32_t marker) { return marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8); }

void read_frame(const ByteReader& reader, std::size_t segment, ImageHeader& header) {
  if (header.width != 0) throw Malformed{"a JPEG with more than one frame"};
  if (reader.u8(segment + 2) != 8) throw Malformed{"a JPEG of other than 8 bits per sample is not supported"};
  header.height = reader.u16(segment + 3);
  header.width = reader.u16(segment + 5);
}

void read_app1(const ByteReader& reader, std::size_t segment, std::size_t length, ImageHeader& header) {
  using namespace std::string_view_literals;
  const auto content = reader.bytes(segment, length).substr(2);
  if (content.starts_with("Exif\0\0"sv)) header.orientation = read_exif_orientation(content.substr(6));
}

// The offset after the next marker's two bytes, at or after `offset`; the marker in `marker`.
std::size_t next_marker(std::string_view bytes, std::size_t offset, std::uint32_t& marker) {
  for (;;) {
    offset = bytes.find('\xFF', offset);
    while (offset < bytes.size() && bytes[offset] == '\xFF') ++offset;
    if (offset >= bytes.size()) throw Malformed{"a truncated JPEG"};
    marker = static_cast<unsigned char>(bytes[offset++]);
    if (!stands_alone(marker)) return offset;
  }
}

}  // namespace

ImageHeader read_jpeg_header(std::string_view bytes) {
  const ByteReader reader(bytes);
  ImageHeader header{.format = Format::jpeg};
  int scans = 0;
  for (std::size_t offset = 2;;) {
    std::uint32_t marker = 0;
    offset = next_marker(bytes, offset, marker);
    if (marker == kEndOfImage) break;
    const auto length = reader.u16(offset);
    if (length < 2) throw Malformed{"a damaged JPEG"};
    if (is_start_of_frame(marker)) read_frame(reader, offset, header);
    if (marker == kApp1 && scans == 0) read_app1(reader, offset, length, header);
    if (marker == kStartOfScan && ++scans > kMaxScans) throw Malformed{"a JPEG with too many scans"};
    offset += length;
  }
  if (scans == 0) throw Malformed{"a JPEG without an image"};
  return header;
}

}  // namespace berth::vision
