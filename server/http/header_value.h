// SPDX-License-Identifier: Apache-2.0
// HeaderValue: a header's value taken apart into `main; name=value; name="quoted value"`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"

namespace berth::http {

struct HeaderValue {
  std::string main;  // before the first ';', trimmed, as sent
  Pairs params;      // names in lower case, quotes and escapes removed; a name may repeat

  // The parameter's value; nullopt where it is absent.
  std::optional<std::string_view> param(std::string_view name) const;
  // Whether it appears more than once: two parsers may then disagree about which one counts.
  bool repeats(std::string_view name) const;
};

// nullopt where the text breaks the grammar: a parameter without '=', an open quote, a control character. A backslash
// escapes only '"' and '\', because browsers once sent Windows paths unescaped.
std::optional<HeaderValue> parse_header_value(std::string_view text);

// A quoted string, whose opening quote is at the front of `rest`, cut off it; nullopt where it does not end.
std::optional<std::string> take_quoted(std::string_view& rest);

// One element of a comma-separated list, cut off the front of `list`; commas within quotes do not count.
std::string_view take_list_element(std::string_view& list);

std::string_view trim(std::string_view text);  // spaces and tabs
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace berth::http
