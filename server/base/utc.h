// SPDX-License-Identifier: Apache-2.0
// A point in time in UTC: as text, and as a number.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace berth {

// As strftime writes it, to the second and at most 31 bytes: "%Y-%m-%dT%H:%M:%SZ". [any]
std::string utc_text(std::chrono::system_clock::time_point time, const char* format);

// Microseconds since 1970, which order and name what happens. [any]
std::int64_t to_microseconds(std::chrono::system_clock::time_point time);
std::chrono::system_clock::time_point from_microseconds(std::int64_t microseconds);

// What "2026-11-22T10:00:00Z" says, also with a fraction of the second, which is left out. [any]
std::optional<std::chrono::system_clock::time_point> parse_utc(const std::string& text);

}  // namespace berth
