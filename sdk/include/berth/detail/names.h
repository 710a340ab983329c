// SPDX-License-Identifier: Apache-2.0
// Names made at compile time: a model's from its class, a method's from the function that implements it.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace berth {
inline namespace sdk_v1 {
namespace detail {

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Part `index` of "a, b, c", without blanks, namespaces and leading '&'; empty beyond the last.
constexpr std::string_view nth_name(std::string_view list, std::size_t index) {
  for (; index > 0; --index) {
    const std::size_t comma = list.find(',');
    if (comma == std::string_view::npos) return {};
    list.remove_prefix(comma + 1);
  }
  std::string_view name = list.substr(0, list.find(','));
  if (const std::size_t colons = name.rfind("::"); colons != std::string_view::npos) name.remove_prefix(colons + 2);
  while (!name.empty() && (name.front() == ' ' || name.front() == '&')) name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  return name;
}

// [a-z0-9][a-z0-9_-]*, at most 64 characters.
constexpr bool is_model_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '_' || name.front() == '-') return false;
  for (const char c : name) {
    if (!is_lower(c) && !is_digit(c) && c != '_' && c != '-') return false;
  }
  return true;
}

using NameBuffer = std::array<char, 130>;  // zero-terminated; twice the longest name that is allowed

// "ImageClassifier" → "image_classifier", "HTTPProbe2" → "http_probe2".
constexpr NameBuffer snake_case(std::string_view name) {
  NameBuffer buffer{};
  std::size_t size = 0;
  for (std::size_t i = 0; i < name.size() && i < 64; ++i) {
    const bool starts_word = is_upper(name[i]) && i > 0 && name[i - 1] != '_' &&
                             (!is_upper(name[i - 1]) || (i + 1 < name.size() && is_lower(name[i + 1])));
    if (starts_word) buffer[size++] = '_';
    buffer[size++] = is_upper(name[i]) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return buffer;
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
