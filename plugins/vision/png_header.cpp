// SPDX-License-Identifier: Apache-2.0
// PNG (RFC 2083): a signature and a chain of chunks: length, type, data, checksum.
#include "vision/format_headers.h"

namespace berth::vision {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kChunkOverhead = 12;
constexpr std::uint32_t kAlphaFlag = 4;  // of the colour type

}  // namespace

ImageHeader read_png_header(std::string_view bytes) {
  const ByteReader reader(bytes);
  if (reader.bytes(kSignatureBytes + 4, 4) != "IHDR") throw Malformed{"a damaged PNG"};
  ImageHeader header{.format = Format::png, .width = reader.u32(16), .height = reader.u32(20)};
  header.has_alpha = (reader.u8(25) & kAlphaFlag) != 0;
  for (std::size_t offset = kSignatureBytes;;) {
    if (bytes.size() - offset < kChunkOverhead) throw Malformed{"a truncated PNG"};
    const auto length = reader.u32(offset);
    if (length > bytes.size() - offset - kChunkOverhead) throw Malformed{"a truncated PNG"};
    const auto type = reader.bytes(offset + 4, 4);
    if (type == "IEND") return header;
    if (type == "tRNS") header.has_alpha = true;
    if (type == "eXIf") header.orientation = read_exif_orientation(reader.bytes(offset + 8, length));
    offset += kChunkOverhead + length;
  }
}

}  // namespace berth::vision
