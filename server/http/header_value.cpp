// SPDX-License-Identifier: Apache-2.0
#include "http/header_value.h"

#include <algorithm>

#include "base/text.h"

namespace berth::http {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || kSymbols.find(c) != kSymbols.npos;
  });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::optional<std::string_view> HeaderValue::param(std::string_view name) const {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  return std::nullopt;
}

bool HeaderValue::repeats(std::string_view name) const {
  return std::ranges::count(params, name, &Pairs::value_type::first) > 1;
}

std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string value;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
    value += rest[i];
  }
  return std::nullopt;
}

std::optional<HeaderValue> parse_header_value(std::string_view text) {
  if (has_control(text)) return std::nullopt;
  HeaderValue result;
  const auto semicolon = std::min(text.find(';'), text.size());
  result.main = trim(text.substr(0, semicolon));
  auto rest = text.substr(semicolon);
  while (!rest.empty()) {
    if (rest.front() != ';') return std::nullopt;
    rest = trim(rest.substr(1));
    if (rest.empty() || rest.front() == ';') continue;  // "a;;b" and a trailing ';' are harmless
    const auto equals = rest.find('=');
    if (equals == rest.npos) return std::nullopt;
    const auto name = trim(rest.substr(0, equals));
    if (!is_token(name)) return std::nullopt;
    rest = trim(rest.substr(equals + 1));
    if (!rest.empty() && rest.front() == '"') {
      auto value = take_quoted(rest);
      if (!value) return std::nullopt;
      result.params.emplace_back(to_lower(name), *std::move(value));
      rest = trim(rest);
    } else {
      const auto end = std::min(rest.find(';'), rest.size());
      result.params.emplace_back(to_lower(name), std::string(trim(rest.substr(0, end))));
      rest.remove_prefix(end);
    }
  }
  return result;
}

std::string_view take_list_element(std::string_view& list) {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < list.size(); ++i) {
    if (list[i] == '"') quoted = !quoted;
    if (quoted && list[i] == '\\') ++i;
    if (!quoted && list[i] == ',') break;
  }
  const auto end = std::min(i, list.size());
  const auto element = trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return element;
}

}  // namespace berth::http
