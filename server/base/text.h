// SPDX-License-Identifier: Apache-2.0
// Text: whether bytes are UTF-8, so that nothing else gets into JSON, logs and file names; ASCII letter case; bytes
// spelt in hexadecimal.
#pragma once

#include <string>
#include <string_view>

namespace berth {

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. [any]
bool is_utf8(std::string_view bytes);

// The bytes read as ISO-8859-1. [any]
std::string latin1_to_utf8(std::string_view bytes);

// UTF-8 without a NUL, which databases take; what is none is read as ISO-8859-1. [any]
std::string storable(std::string_view text);

// A to Z become a to z, whatever the locale; other bytes stay. [any]
char to_lower(char c);
std::string to_lower(std::string_view text);

// Two digits a byte, with small letters. [any]
std::string to_hex(std::string_view bytes);

}  // namespace berth
