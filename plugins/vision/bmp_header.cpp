// SPDX-License-Identifier: Apache-2.0
// BMP: a file header of 14 bytes, then one of several information headers that tell themselves apart by their size.
#include "vision/format_headers.h"

namespace berth::vision {
namespace {

constexpr std::size_t kInfoHeader = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12;
constexpr std::uint32_t kLeastInfoHeaderBytes = 40;
constexpr std::uint32_t kUncompressed = 0;

// Uncompressed pixels say how many bytes there have to be; a row is padded to four bytes.
void check_length(const ByteReader& reader, const ImageHeader& header, std::uint32_t bits_per_pixel) {
  const auto row = (std::uint64_t{header.width} * bits_per_pixel + 31) / 32 * 4;
  if (reader.u32(10) + row * header.height > reader.size()) throw Malformed{"a truncated BMP"};
}

}  // namespace

ImageHeader read_bmp_header(std::string_view bytes) {
  const ByteReader reader(bytes, ByteOrder::little);
  ImageHeader header{.format = Format::bmp};
  const auto size = reader.u32(kInfoHeader);
  if (size == kCoreHeaderBytes) {
    header.width = reader.u16(kInfoHeader + 4);
    header.height = reader.u16(kInfoHeader + 6);
    check_length(reader, header, reader.u16(kInfoHeader + 10));
    return header;
  }
  if (size < kLeastInfoHeaderBytes) throw Malformed{"a BMP of an unknown kind"};
  header.width = reader.u32(kInfoHeader + 4);
  const auto height = reader.u32(kInfoHeader + 8);
  header.height = height > INT32_MAX ? 0U - height : height;  // negative: the rows run from top to bottom
  if (header.width > INT32_MAX) throw Malformed{"a damaged BMP"};
  if (reader.u32(kInfoHeader + 16) == kUncompressed) check_length(reader, header, reader.u16(kInfoHeader + 14));
  return header;
}

}  // namespace berth::vision
