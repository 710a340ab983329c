// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "http/body.h"

namespace berth::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return failure(Code::invalid_argument, "bad percent-encoding");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return failure(Code::invalid_argument, "a NUL byte is not allowed");
    decoded += c;
  }
  if (!is_utf8(decoded)) return failure(Code::invalid_argument, "the decoded text is not UTF-8");
  return decoded;
}

Result<Pairs> parse_urlencoded(std::string_view text, std::size_t max_fields) {
  Pairs fields;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (field.empty()) continue;
    if (fields.size() == max_fields) {
      return failure(Code::invalid_argument, "more than " + std::to_string(max_fields) + " fields");
    }
    const auto equals = std::min(field.find('='), field.size());
    auto name = percent_decode(field.substr(0, equals), true);
    if (!name) return tl::unexpected(std::move(name).error());
    auto value = percent_decode(field.substr(std::min(equals + 1, field.size())), true);
    if (!value) return tl::unexpected(std::move(value).error());
    fields.emplace_back(*std::move(name), *std::move(value));
  }
  return fields;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      encoded += c;
    } else {
      encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return encoded;
}

}  // namespace berth::http
