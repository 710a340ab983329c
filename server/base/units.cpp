// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <span>

namespace berth {
namespace {

struct Unit {
  std::string_view name;
  std::size_t factor;
};

// Ascending within what format_* may choose from.
constexpr std::array<Unit, 4> kSizes{{{"B", 1}, {"KiB", 1024}, {"MiB", 1024UL * 1024}, {"GiB", 1024UL * 1024 * 1024}}};
constexpr std::array<Unit, 3> kDecimalSizes{{{"kB", 1000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}}};
constexpr std::array<Unit, 5> kDurations{
    {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

std::optional<std::size_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == text.npos) return std::nullopt;
  const auto value = parse_number(text.substr(0, digits));
  auto name = text.substr(digits);
  while (name.starts_with(' ')) name.remove_prefix(1);
  for (const auto& unit : units) {
    if (unit.name != name || !value) continue;
    if (*value > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return *value * unit.factor;
  }
  return std::nullopt;
}

std::string format(std::size_t value, std::span<const Unit> units) {
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
    if (value >= unit->factor && value % unit->factor == 0) {
      return std::to_string(value / unit->factor).append(unit->name);
    }
  }
  return "0";
}

}  // namespace

std::optional<std::size_t> parse_number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::size_t> parse_size(std::string_view text) {
  if (const auto bytes = parse_number(text)) return bytes;
  if (const auto bytes = parse_with_unit(text, kSizes)) return bytes;
  return parse_with_unit(text, kDecimalSizes);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  const auto value = parse_with_unit(text, kDurations);
  if (!value) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

std::string format_size(std::size_t bytes) { return format(bytes, kSizes); }

std::string format_duration(std::chrono::milliseconds value) {
  return format(static_cast<std::size_t>(value.count()), kDurations);
}

}  // namespace berth
