// SPDX-License-Identifier: Apache-2.0
#include "config/values.h"

#include <algorithm>

#include "base/units.h"

namespace berth::config {

std::optional<Versions> parse_versions(std::string_view text) {
  constexpr std::string_view kLatest = "latest", kAllowed = "0123456789abcdefghijklmnopqrstuvwxyz_.-";
  if (text == "all") return Versions{0, {}};
  if (text == kLatest) return Versions{};
  if (text.starts_with(kLatest)) {
    const auto count = text[kLatest.size()] == ' ' ? parse_number(text.substr(kLatest.size() + 1)) : std::nullopt;
    return count && *count >= 1 && *count <= 1000 ? std::optional(Versions{*count, {}}) : std::nullopt;
  }
  Versions versions;
  while (true) {
    const auto comma = std::min(text.find(','), text.size());
    auto one = text.substr(0, comma);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    one = one.substr(0, one.find_last_not_of(' ') + 1);
    if (one.empty() || one.front() < '0' || one.front() > '9') return std::nullopt;
    if (one.find_first_not_of(kAllowed) != std::string_view::npos) return std::nullopt;
    versions.listed.emplace_back(one);
    if (comma == text.size()) return versions;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace berth::config
