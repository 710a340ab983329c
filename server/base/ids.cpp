// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/text.h"

namespace berth {

namespace {

// Random bytes come in blocks, so that an id does not cost a system call.
void fill_random(std::array<std::uint8_t, 16>& out) {
  thread_local std::array<std::uint8_t, 1024> block;
  thread_local std::size_t used = block.size();
  if (used + out.size() > block.size()) {
    std::size_t filled = 0;
    while (filled < block.size()) {
      const auto got = ::getrandom(block.data() + filled, block.size() - filled, 0);
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    used = 0;
  }
  std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(used), out.size(), out.begin());
  used += out.size();
}

}  // namespace

std::string random_hex_id() {
  std::array<std::uint8_t, 16> bytes;
  fill_random(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant
  return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_sane_request_id(std::string_view id) {
  if (id.empty() || id.size() > 128) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._-:/+=@").find(c) != std::string_view::npos;
  });
}

}  // namespace berth
