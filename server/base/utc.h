// SPDX-License-Identifier: Apache-2.0
// A point in time as text, in UTC.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace berth {

// As strftime writes it, to the second and at most 31 bytes: "%Y-%m-%dT%H:%M:%SZ". [any]
std::string utc_text(std::chrono::system_clock::time_point time, const char* format);

// What "2026-11-22T10:00:00Z" says, also with a fraction of the second, which is left out. [any]
std::optional<std::chrono::system_clock::time_point> parse_utc(const std::string& text);

}  // namespace berth
