// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "http/body.h"
#include "http/header_value.h"

namespace berth::http {
namespace {

struct Range {
  std::string type;  // "text/html", "text/*", "*/*"; lower case
  int quality = 1000;
};

// "1", "0.25": at most three decimals, between 0 and 1, in thousandths (RFC 9110 §12.4.2).
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  std::string thousandths(1, text[0]);
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  if (text.size() > 2) thousandths += text.substr(2);
  thousandths.resize(4, '0');
  if (!std::ranges::all_of(thousandths, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  int value = 0;
  std::from_chars(thousandths.data(), thousandths.data() + thousandths.size(), value);
  if (value > 1000) return std::nullopt;
  return value;
}

// Elements that break the grammar are skipped: a client is better served by what it said clearly.
std::vector<Range> parse_accept(std::string_view accept) {
  std::vector<Range> ranges;
  while (!accept.empty()) {
    const auto element = parse_header_value(take_list_element(accept));
    if (!element || element->main.find('/') == std::string::npos) continue;
    const auto quality = parse_quality(element->param("q").value_or("1"));
    if (quality) ranges.push_back({to_lower(element->main), *quality});
  }
  return ranges;
}

// 3: the type itself, 2: type/*, 1: */*, 0: does not match.
int specificity(const Range& range, std::string_view type) {
  if (range.type == type) return 3;
  if (range.type == "*/*") return 1;
  const auto slash = type.find('/');
  return slash != type.npos && range.type == std::string(type.substr(0, slash)) + "/*" ? 2 : 0;
}

int quality_of(const std::vector<Range>& ranges, std::string_view offered) {
  const auto type = to_lower(trim(offered.substr(0, offered.find(';'))));
  int best = 0, quality = 0;
  for (const auto& range : ranges) {
    const int match = specificity(range, type);
    if (match > best) {
      best = match;
      quality = range.quality;
    }
  }
  return quality;
}

}  // namespace

std::optional<std::string_view> negotiate(std::string_view accept, std::span<const std::string_view> offered) {
  if (offered.empty()) return std::nullopt;
  if (trim(accept).empty()) return offered.front();
  const auto ranges = parse_accept(accept);
  std::optional<std::string_view> best;
  int best_quality = 0;
  for (const auto type : offered) {
    const int quality = quality_of(ranges, type);
    if (quality > best_quality) {
      best_quality = quality;
      best = type;
    }
  }
  return best;
}

}  // namespace berth::http
