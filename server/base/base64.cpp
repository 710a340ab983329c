// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <array>
#include <cstdint>

namespace berth {
namespace {

constexpr std::uint8_t kNone = 64, kSpace = 65, kPadding = 66;

constexpr std::array<std::uint8_t, 256> make_values() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNone;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values.at(static_cast<unsigned char>(kAlphabet[i])) = static_cast<std::uint8_t>(i);
  }
  for (const char space : {' ', '\t', '\r', '\n'}) values.at(static_cast<unsigned char>(space)) = kSpace;
  values.at('=') = kPadding;
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  std::size_t digits = 0, padding = 0;
  for (const char each : text) {
    const auto value = kValues.at(static_cast<unsigned char>(each));
    if (value == kSpace) continue;
    if (value == kPadding) {
      ++padding;
      continue;
    }
    if (value == kNone || padding != 0) return std::nullopt;
    bits = bits << 6U | value;
    ++digits;
    if (digits % 4 == 1) continue;
    const auto left = 6 - 2 * ((digits - 1) % 4);  // bits that belong to the next byte: 4, 2, 0
    bytes += static_cast<char>(bits >> left & 0xffU);
  }
  const bool is_whole = digits % 4 == 1 ? false : padding == (4 - digits % 4) % 4;
  if (!is_whole) return std::nullopt;
  return bytes;
}

}  // namespace berth
