// SPDX-License-Identifier: Apache-2.0
// TIFF 6.0, and EXIF, which borrows its layout: a directory of tagged values. Of a TIFF with many pages the first
// counts.
#include <optional>

#include "vision/format_headers.h"

namespace berth::vision {
namespace {

constexpr std::size_t kEntryBytes = 12;
constexpr std::uint32_t kShort = 3;
constexpr std::uint32_t kLong = 4;

enum Tag : std::uint32_t {
  kWidth = 256,
  kHeight = 257,
  kBitsPerSample = 258,
  kOrientation = 274,
  kTileWidth = 322,
  kTileHeight = 323,
  kSampleFormat = 339,
};
constexpr std::uint32_t kIeeeFloat = 3;

ByteReader reader_of(std::string_view bytes) {
  return ByteReader(bytes, bytes.starts_with("II") ? ByteOrder::little : ByteOrder::big);
}

// The first directory's entries, one after another.
class Directory {
 public:
  explicit Directory(const ByteReader& reader) : reader_(reader), first_(reader.u32(4) + std::size_t{2}) {
    count_ = reader.u16(first_ - 2);
    static_cast<void>(reader.bytes(first_, count_ * kEntryBytes));
  }

  // The first value of a tag. Where a tag occurs twice decoders disagree about which counts: such a file is refused.
  std::optional<std::uint32_t> find(std::uint32_t tag) const {
    std::optional<std::uint32_t> found;
    for (std::size_t i = 0; i < count_; ++i) {
      const auto entry = first_ + i * kEntryBytes;
      if (reader_.u16(entry) != tag) continue;
      if (found) throw Malformed{"a damaged TIFF"};
      found = value_of(entry);
    }
    return found;
  }

 private:
  std::uint32_t value_of(std::size_t entry) const {
    const auto type = reader_.u16(entry + 2);
    if (type != kShort && type != kLong) throw Malformed{"a damaged TIFF"};
    const auto bytes = (type == kShort ? std::uint64_t{2} : 4) * reader_.u32(entry + 4);
    const auto at = bytes > 4 ? std::size_t{reader_.u32(entry + 8)} : entry + 8;
    return type == kShort ? reader_.u16(at) : reader_.u32(at);
  }

  const ByteReader& reader_;
  std::size_t first_;
  std::size_t count_ = 0;
};

}  // namespace

ImageHeader read_tiff_header(std::string_view bytes) {
  const auto reader = reader_of(bytes);
  const Directory directory(reader);
  ImageHeader header{.format = Format::tiff};
  header.width = directory.find(kWidth).value_or(0);
  header.height = directory.find(kHeight).value_or(0);
  header.tile_width = directory.find(kTileWidth).value_or(0);
  header.tile_height = directory.find(kTileHeight).value_or(0);
  header.orientation = static_cast<int>(directory.find(kOrientation).value_or(1));
  if (header.orientation < 1 || header.orientation > 8) header.orientation = 1;
  if (directory.find(kSampleFormat).value_or(1) == kIeeeFloat || directory.find(kBitsPerSample).value_or(1) > 16) {
    throw Malformed{"a TIFF of more than 16 bits per sample, or of floating-point samples, is not supported"};
  }
  return header;
}

int read_exif_orientation(std::string_view exif) {
  try {
    const auto reader = reader_of(exif);
    const auto value = Directory(reader).find(kOrientation).value_or(1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  } catch (const Malformed&) {
    return 1;
  }
}

}  // namespace berth::vision
