// SPDX-License-Identifier: Apache-2.0
// Scalars: reads numbers, dates, addresses and the like from text, exactly as marshmallow 3 does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth::core {

enum class NumberFault { none, malformed, too_large };

struct IntegerText {
  std::int64_t value = 0;
  NumberFault fault = NumberFault::none;
};

// "5", " -5 ", "+5"; too_large beyond 64 bits.
IntegerText read_integer(std::string_view text);

// What Python's float() reads, "inf" and "nan" included; nullopt where it is no number.
std::optional<double> read_number(std::string_view text);

// t, true, on, y, yes, 1 and their opposites, in lower, upper or title case.
std::optional<bool> read_boolean(std::string_view text);

// The normalised text, or nullopt: "2020-1-2" → "2020-01-02".
std::optional<std::string> read_date(std::string_view text);
// "2020-01-02 03:04Z" → "2020-01-02T03:04:00+00:00".
std::optional<std::string> read_datetime(std::string_view text);
// Lower case with hyphens.
std::optional<std::string> read_uuid(std::string_view text);

bool is_url(std::string_view text);    // absolute; http, https, ftp, ftps
bool is_email(std::string_view text);  // RFC 5321's common part

// How many code points a UTF-8 text has.
std::size_t count_characters(std::string_view text);

}  // namespace berth::core
