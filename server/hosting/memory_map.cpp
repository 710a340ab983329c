// SPDX-License-Identifier: Apache-2.0
#include "hosting/memory_map.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxMappings = 8192;

bool take_hex(std::string_view& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "7f0000000000-7f0000001000 r-xp 00002000 fe:01 1234    /usr/lib/x.so"
std::optional<Mapping> read_mapping(std::string_view line) {
  Mapping mapping;
  if (!take_hex(line, mapping.start) || !line.starts_with('-')) return std::nullopt;
  line.remove_prefix(1);
  constexpr std::size_t kPermissions = 6;  // " r-xp "
  if (!take_hex(line, mapping.end) || line.size() <= kPermissions) return std::nullopt;
  line.remove_prefix(kPermissions);
  const auto path = line.find('/');
  if (!take_hex(line, mapping.offset) || path == std::string_view::npos) return std::nullopt;
  mapping.path = line.substr(std::min(line.size(), line.find('/')));
  return mapping;
}

}  // namespace

std::vector<Mapping> read_mappings(std::string_view maps) {
  std::vector<Mapping> mappings;
  while (!maps.empty() && mappings.size() < kMaxMappings) {
    const auto end = maps.find('\n');
    if (const auto mapping = read_mapping(maps.substr(0, end)); mapping) mappings.push_back(*mapping);
    maps.remove_prefix(end == std::string_view::npos ? maps.size() : end + 1);
  }
  return mappings;
}

}  // namespace berth::hosting
