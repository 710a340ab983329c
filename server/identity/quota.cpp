// SPDX-License-Identifier: Apache-2.0
#include "identity/quota.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/units.h"

namespace berth::identity {
namespace {

struct Member {
  std::string_view name;
  std::uint64_t Quota::*value;
  std::uint64_t max;
  bool is_size = false;
};

constexpr std::array<Member, 9> kMembers{{
    {"requests_per_second", &Quota::requests_per_second, Quota::kMaxPerSecond},
    {"burst", &Quota::burst, Quota::kMaxPerSecond},
    {"requests_per_minute", &Quota::requests_per_minute, Quota::kMaxRequests},
    {"requests_per_hour", &Quota::requests_per_hour, Quota::kMaxRequests},
    {"requests_per_day", &Quota::requests_per_day, Quota::kMaxRequests},
    {"bytes_per_minute", &Quota::bytes_per_minute, Quota::kMaxBytes, true},
    {"bytes_per_hour", &Quota::bytes_per_hour, Quota::kMaxBytes, true},
    {"bytes_per_day", &Quota::bytes_per_day, Quota::kMaxBytes, true},
    {"concurrent", &Quota::concurrent, Quota::kMaxPerSecond},
}};

tl::unexpected<Error> bad(std::string_view member, std::string_view what) {
  return failure(Code::invalid_argument, std::string("quota.").append(member).append(": ").append(what));
}

std::string known_names() {
  std::string names;
  for (const auto& member : kMembers) names.append(names.empty() ? "" : ", ").append(member.name);
  return names;
}

std::optional<std::uint64_t> value_of(const json::Value& value, const Member& member) {
  std::optional<std::uint64_t> number;
  if (value.IsUint64()) number = value.GetUint64();
  if (member.is_size && value.IsString()) number = parse_size(json::view(value));
  return number && *number >= 1 && *number <= member.max ? number : std::nullopt;
}

std::string expected(const Member& member) {
  std::string text =
      member.is_size ? "expected a number of bytes or a size such as 64MiB, 1.." : "expected an integer 1..";
  text.append(member.is_size ? format_size(member.max) : std::to_string(member.max));
  return text.append("; leave it out for no limit");
}

}  // namespace

Result<Quota> Quota::parse(std::string_view text) {
  const auto document = json::parse(text);
  if (!document || !document->IsObject()) {
    return failure(Code::invalid_argument, "quota: expected an object with any of " + known_names());
  }
  Quota quota;
  for (const auto& [key, value] : document->GetObject()) {
    const auto name = json::view(key);
    const auto* member = std::ranges::find(kMembers, name, &Member::name);
    if (member == kMembers.end()) return bad(name, "unknown, expected any of " + known_names());
    if (quota.*member->value != 0) return bad(name, "it is there twice");
    const auto number = value_of(value, *member);
    if (!number) return bad(name, expected(*member));
    quota.*member->value = *number;
  }
  if (quota.burst != 0 && quota.requests_per_second == 0) return bad("burst", "it needs requests_per_second");
  return quota;
}

std::string Quota::to_json() const {
  std::string text = "{";
  for (const auto& member : kMembers) {
    const auto value = this->*member.value;
    if (value == 0) continue;
    if (text.size() > 1) text += ',';
    text.append("\"").append(member.name).append("\":").append(std::to_string(value));
  }
  return text += '}';
}

}  // namespace berth::identity
