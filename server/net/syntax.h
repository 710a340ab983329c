// SPDX-License-Identifier: Apache-2.0
// Which bytes may stand where in a request (RFC 9110 §5, RFC 9112).
#pragma once

#include <array>
#include <string_view>

namespace berth::net::syntax {

enum Class : unsigned char {
  kToken = 1,   // methods, header names
  kValue = 2,   // header values: visible ASCII, space, tab, bytes above 0x7f
  kTarget = 4,  // request targets: visible ASCII without '#'
  kHost = 8,    // host and port: letters, digits and -._~!$&'()*+;=:[]%
  kHex = 16,
};

constexpr std::array<unsigned char, 256> make_classes() {
  constexpr std::string_view kTokenSigns = "!#$%&'*+-.^_`|~";
  constexpr std::string_view kHostSigns = "-._~!$&'()*+;=:[]%";
  std::array<unsigned char, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const char ch = static_cast<char>(c);
    const bool digit = ch >= '0' && ch <= '9';
    const bool alnum = digit || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
    const bool visible = c > 0x20 && c < 0x7f;
    unsigned bits = 0;
    if (alnum || kTokenSigns.find(ch) != std::string_view::npos) bits |= kToken;
    if (visible || c == ' ' || c == '\t' || c > 0x7f) bits |= kValue;
    if (visible && ch != '#') bits |= kTarget;
    if (alnum || kHostSigns.find(ch) != std::string_view::npos) bits |= kHost;
    if (digit || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F')) bits |= kHex;
    classes[c] = static_cast<unsigned char>(bits);
  }
  return classes;
}
inline constexpr auto kClasses = make_classes();

constexpr bool is(Class wanted, char c) { return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0; }

constexpr bool all(Class wanted, std::string_view text) {
  for (const char c : text) {
    if (!is(wanted, c)) return false;
  }
  return true;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace berth::net::syntax
