// SPDX-License-Identifier: Apache-2.0
#include "identity/quota_use.h"

#include <algorithm>
#include <tuple>

namespace berth::identity {

using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

constexpr std::uint64_t kRequest = 1'000'000'000;  // units of the bucket: nanoseconds × requests a second
// How many run at once changes when one ends, and who knows when that is.
constexpr nanoseconds kWaitForOneToEnd = seconds(1);

std::uint64_t rounded_up(std::uint64_t dividend, std::uint64_t divisor) { return (dividend + divisor - 1) / divisor; }

std::uint64_t capacity(const Quota& quota) { return std::min(quota.bucket(), Quota::kMaxPerSecond) * kRequest; }

nanoseconds run_out_in(std::uint64_t units, const Quota& quota) {
  return nanoseconds(static_cast<std::int64_t>(rounded_up(units, quota.requests_per_second)));
}

struct Period {
  QuotaLimit::Per per;
  seconds length;
  std::uint64_t Quota::*requests;
  std::uint64_t Quota::*bytes;

  bool is_limited(const Quota& quota) const { return quota.*requests != 0 || quota.*bytes != 0; }
};

constexpr std::array<Period, 3> kPeriods{{
    {QuotaLimit::Per::minute, seconds(60), &Quota::requests_per_minute, &Quota::bytes_per_minute},
    {QuotaLimit::Per::hour, seconds(3600), &Quota::requests_per_hour, &Quota::bytes_per_hour},
    {QuotaLimit::Per::day, seconds(86'400), &Quota::requests_per_day, &Quota::bytes_per_day},
}};

void keep_longer(std::optional<Shortage>& longest, const Shortage& other) {
  if (!longest || is_longer(other, *longest)) longest = other;
}

}  // namespace

bool is_longer(const Shortage& one, const Shortage& other) {
  return other.wait && (!one.wait || *one.wait > *other.wait);
}

std::uint64_t QuotaUse::level(const Quota& quota, QuotaTime now) const {
  const auto passed = static_cast<std::uint64_t>(std::max(now - level_at_, nanoseconds(0)).count());
  if (level_ == 0 || passed > level_ / quota.requests_per_second) return 0;  // and so the product cannot overflow
  return level_ - passed * quota.requests_per_second;
}

QuotaUse::Window QuotaUse::window(std::size_t index, QuotaTime now) const {
  const auto& window = windows_[index];
  const bool is_over = window.requests == 0 || now - window.start >= kPeriods[index].length;
  return is_over ? Window{.start = now} : window;
}

std::optional<Shortage> QuotaUse::shortage(const Quota& quota, std::uint64_t bytes, QuotaTime now) const {
  std::optional<Shortage> longest;
  if (quota.concurrent != 0 && running_ >= quota.concurrent) {
    longest = Shortage{{QuotaLimit::Of::concurrent, QuotaLimit::Per::none, quota.concurrent}, kWaitForOneToEnd};
  }
  if (quota.requests_per_second != 0) {
    const auto wanted = level(quota, now) + kRequest, room = capacity(quota);
    if (wanted > room) {
      const QuotaLimit limit{QuotaLimit::Of::requests, QuotaLimit::Per::second, quota.requests_per_second};
      keep_longer(longest, {limit, run_out_in(wanted - room, quota)});
    }
  }
  for (std::size_t i = 0; i < kPeriods.size(); ++i) {
    const auto& period = kPeriods[i];
    if (!period.is_limited(quota)) continue;
    const auto used = window(i, now);
    const auto left = used.start + period.length - now;
    const auto requests = quota.*period.requests, most = quota.*period.bytes;
    if (requests != 0 && used.requests >= requests) {
      keep_longer(longest, {{QuotaLimit::Of::requests, period.per, requests}, left});
    }
    const QuotaLimit limit{QuotaLimit::Of::bytes, period.per, most};
    if (most != 0 && bytes > most) keep_longer(longest, {limit, std::nullopt});
    if (most != 0 && bytes > most - std::min(used.bytes, most)) keep_longer(longest, {limit, left});
  }
  return longest;
}

void QuotaUse::take(const Quota& quota, std::uint64_t bytes, QuotaTime now) {
  if (quota.requests_per_second != 0) {
    level_ = level(quota, now) + kRequest;
    level_at_ = now;
    full_at_ = std::max(full_at_, now + run_out_in(level_, quota));
  }
  for (std::size_t i = 0; i < kPeriods.size(); ++i) {
    if (!kPeriods[i].is_limited(quota)) continue;
    windows_[i] = window(i, now);
    ++windows_[i].requests;
    windows_[i].bytes += bytes;
    full_at_ = std::max(full_at_, windows_[i].start + kPeriods[i].length);
  }
}

std::optional<RateLimit> QuotaUse::tightest(const Quota& quota, QuotaTime now) const {
  std::optional<RateLimit> found;
  if (quota.requests_per_second != 0) {
    const auto used = level(quota, now), room = capacity(quota);
    found = RateLimit{.limit = room / kRequest,
                      .remaining = (room - std::min(used, room)) / kRequest,
                      .reset = std::chrono::ceil<seconds>(run_out_in(used, quota))};
  }
  for (std::size_t i = 0; i < kPeriods.size(); ++i) {
    const auto limit = quota.*kPeriods[i].requests;
    if (limit == 0) continue;
    const auto used = window(i, now);
    const auto left = used.requests == 0 ? nanoseconds(0) : used.start + kPeriods[i].length - now;
    found = tighter(found, RateLimit{.limit = limit,
                                     .remaining = limit - std::min(used.requests, limit),
                                     .reset = std::chrono::ceil<seconds>(left)});
  }
  return found;
}

std::optional<RateLimit> tighter(std::optional<RateLimit> one, std::optional<RateLimit> other) {
  if (!one || !other) return one ? one : other;
  const auto order = [](const RateLimit& each) { return std::tuple(each.remaining, -each.reset); };
  return order(*other) < order(*one) ? other : one;
}

}  // namespace berth::identity
