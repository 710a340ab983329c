// SPDX-License-Identifier: Apache-2.0
// Values: sizes ("64MiB") and durations ("250ms") as people write them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::config {

// Decimal digits only; nullopt for anything else, overflow included.
std::optional<std::size_t> parse_number(std::string_view text);

// A number, with B, KiB, MiB, GiB (1024) or kB, MB, GB (1000) or nothing (bytes) behind it.
std::optional<std::size_t> parse_size(std::string_view text);

// A number with ms, s, min or h behind it, or a bare 0.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// Which versions of a model are served.
struct Versions {
  std::size_t latest = 1;           // the highest so many; 0: all
  std::vector<std::string> listed;  // not empty: these
};
// "latest", "latest 3", "all", or "1, 3".
std::optional<Versions> parse_versions(std::string_view text);

// In the largest unit that divides it: "64MiB", "10s".
std::string format_size(std::size_t bytes);
std::string format_duration(std::chrono::milliseconds value);

}  // namespace berth::config
