// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <cstddef>

namespace berth {
namespace {

// The length of the sequence that `lead` begins, and the bounds of its second byte (Unicode, table 3-7).
struct Sequence {
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xBF;
};

Sequence sequence(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xC2) return {0};
  if (lead < 0xE0) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto expected = sequence(static_cast<unsigned char>(bytes[i]));
    if (expected.length == 0 || bytes.size() - i < expected.length) return false;
    for (std::size_t k = 1; k < expected.length; ++k) {
      const auto byte = static_cast<unsigned char>(bytes[i + k]);
      if (k == 1 ? byte < expected.low || byte > expected.high : byte < 0x80 || byte > 0xBF) return false;
    }
    i += expected.length;
  }
  return true;
}

std::string latin1_to_utf8(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

std::string storable(std::string_view text) {
  std::string clean = is_utf8(text) ? std::string(text) : latin1_to_utf8(text);
  std::erase(clean, '\0');
  return clean;
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return to_lower(c); });
  return result;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace berth
