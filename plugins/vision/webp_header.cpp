// SPDX-License-Identifier: Apache-2.0
// WebP (RFC 9649): a RIFF container with a lossy (VP8), a lossless (VP8L) or an extended (VP8X) first chunk.
#include "vision/format_headers.h"

namespace berth::vision {
namespace {

constexpr std::size_t kFirstChunk = 12;
constexpr std::size_t kFirstData = kFirstChunk + 8;
constexpr std::uint32_t kAlphaFlag = 0x10;
constexpr std::uint32_t kAnimationFlag = 0x02;
constexpr std::uint32_t kSideBits = 0x3FFF;

void read_lossless(const ByteReader& reader, ImageHeader& header) {
  const auto bits = reader.u32(kFirstData + 1);
  header.width = (bits & kSideBits) + 1;
  header.height = (bits >> 14U & kSideBits) + 1;
  header.has_alpha = (bits >> 28U & 1U) != 0;
}

void read_extended(const ByteReader& reader, std::size_t end, ImageHeader& header) {
  const auto flags = reader.u8(kFirstData);
  if ((flags & kAnimationFlag) != 0) throw Malformed{"an animated WebP is not supported"};
  header.has_alpha = (flags & kAlphaFlag) != 0;
  header.width = reader.u24(kFirstData + 4) + 1;
  header.height = reader.u24(kFirstData + 7) + 1;
  for (auto offset = kFirstChunk; end - offset >= 8;) {
    const auto length = reader.u32(offset + 4);
    if (length > end - offset - 8) throw Malformed{"a truncated WebP"};
    if (reader.bytes(offset, 4) == "EXIF") header.orientation = read_exif_orientation(reader.bytes(offset + 8, length));
    offset += 8 + length + (length & 1U);
    if (offset > end) break;
  }
}

}  // namespace

ImageHeader read_webp_header(std::string_view bytes) {
  const ByteReader reader(bytes, ByteOrder::little);
  const std::uint64_t end = std::uint64_t{reader.u32(4)} + 8;
  if (end > bytes.size()) throw Malformed{"a truncated WebP"};
  ImageHeader header{.format = Format::webp};
  const auto kind = reader.bytes(kFirstChunk, 4);
  if (kind == "VP8 ") {
    header.width = reader.u16(kFirstData + 6) & kSideBits;
    header.height = reader.u16(kFirstData + 8) & kSideBits;
  } else if (kind == "VP8L") {
    read_lossless(reader, header);
  } else if (kind == "VP8X") {
    read_extended(reader, end, header);
  } else {
    throw Malformed{"a damaged WebP"};
  }
  return header;
}

}  // namespace berth::vision
