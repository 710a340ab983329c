// SPDX-License-Identifier: Apache-2.0
// Units: numbers, sizes ("64MiB") and durations ("250ms") as people write them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

// Decimal digits only; nullopt for anything else, overflow included. [any]
std::optional<std::size_t> parse_number(std::string_view text);

// A number, with B, KiB, MiB, GiB (1024) or kB, MB, GB (1000) or nothing (bytes) behind it. [any]
std::optional<std::size_t> parse_size(std::string_view text);

// A number with ms, s, min, h or d behind it, or a bare 0. [any]
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// In the largest unit that divides it: "64MiB", "10s". [any]
std::string format_size(std::size_t bytes);
std::string format_duration(std::chrono::milliseconds value);

}  // namespace berth
