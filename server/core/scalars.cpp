// SPDX-License-Identifier: Apache-2.0
#include "core/scalars.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.h"

namespace berth::core {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// What Python's str.strip() takes away, ASCII only.
std::string_view strip(std::string_view text) {
  constexpr std::string_view kBlank = " \t\n\r\f\v";
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// As Python's str.replace(part, ""): one pass, whatever the text.
std::string without(std::string_view text, std::string_view part) {
  std::string out;
  for (auto at = text.find(part); at != text.npos; at = text.find(part)) {
    out += text.substr(0, at);
    text.remove_prefix(at + part.size());
  }
  return out += text;
}

}  // namespace

IntegerText read_integer(std::string_view text) {
  text = strip(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return {0, NumberFault::malformed};
  }
  IntegerText result;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, result.value);
  if (stop != end || text.empty() || error == std::errc::invalid_argument) return {0, NumberFault::malformed};
  if (error == std::errc::result_out_of_range) return {0, NumberFault::too_large};
  return result;
}

std::optional<double> read_number(std::string_view text) {
  text = strip(text);
  std::string_view digits = text;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.empty() || digits.starts_with('+') || digits.starts_with('-') || digits.find('(') != digits.npos) {
    return std::nullopt;  // from_chars would take a second sign, and C's nan(…)
  }
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  // from_chars does not say which end of the range was left; strtod does: infinity or zero.
  if (error == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  return value;
}

std::optional<bool> read_boolean(std::string_view text) {
  const std::string word = to_lower(text);
  std::string title = word;
  if (!title.empty()) title[0] = upper(title[0]);
  std::string capitals = word;
  std::ranges::transform(capitals, capitals.begin(), upper);
  if (text != word && text != title && text != capitals) return std::nullopt;
  constexpr std::array<std::string_view, 6> kTrue{"t", "true", "on", "y", "yes", "1"};
  constexpr std::array<std::string_view, 6> kFalse{"f", "false", "off", "n", "no", "0"};
  if (std::ranges::find(kTrue, word) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, word) != kFalse.end()) return false;
  return std::nullopt;
}

std::optional<std::string> read_uuid(std::string_view text) {
  const std::string bare = without(without(to_lower(text), "urn:"), "uuid:");
  const auto first = bare.find_first_not_of("{}");
  if (first == bare.npos) return std::nullopt;
  std::string hex = bare.substr(first, bare.find_last_not_of("{}") - first + 1);
  std::erase(hex, '-');
  if (hex.size() != 32 || !std::ranges::all_of(hex, is_hex)) return std::nullopt;
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, 1, '-');
  return hex;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace berth::core
