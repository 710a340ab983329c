// SPDX-License-Identifier: Apache-2.0
// ByteReader: numbers out of bytes that nobody vouches for; reading past the end is an exception, never memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace berth::vision {

// What is wrong with a file, for people, without the file's name. Stays within this library: what leaves it is a
// berth::Error.
struct Malformed {
  std::string reason;
};

enum class ByteOrder { little, big };

// Does not own the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes, ByteOrder order = ByteOrder::big) : bytes_(bytes), order_(order) {}

  std::size_t size() const { return bytes_.size(); }

  // The bytes at [offset, offset + count). Throws Malformed where the file ends before.
  std::string_view bytes(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size() || count > bytes_.size() - offset) throw Malformed{"it ends too early"};
    return bytes_.substr(offset, count);
  }

  std::uint32_t u8(std::size_t offset) const { return number(offset, 1); }
  std::uint32_t u16(std::size_t offset) const { return number(offset, 2); }
  std::uint32_t u24(std::size_t offset) const { return number(offset, 3); }
  std::uint32_t u32(std::size_t offset) const { return number(offset, 4); }

 private:
  std::uint32_t number(std::size_t offset, std::size_t count) const {
    std::uint32_t value = 0;
    const auto raw = bytes(offset, count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = order_ == ByteOrder::big ? i : count - 1 - i;
      value = value << 8U | static_cast<unsigned char>(raw[at]);
    }
    return value;
  }

  std::string_view bytes_;
  ByteOrder order_;
};

}  // namespace berth::vision
