// SPDX-License-Identifier: Apache-2.0
// QuotaUse: what one subject has used of its quota, as plain arithmetic: a bucket for the rate, and windows.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "identity/quota.h"

namespace berth::identity {

using QuotaTime = std::chrono::steady_clock::time_point;

// One of the limits in a quota.
struct QuotaLimit {
  enum class Of : std::uint8_t { requests, bytes, concurrent };
  enum class Per : std::uint8_t { second, minute, hour, day, none };  // none: of what is counted at once

  Of of = Of::requests;
  Per per = Per::none;
  std::uint64_t value = 0;
  bool operator==(const QuotaLimit&) const = default;
};

// A limit that stands in the way.
struct Shortage {
  QuotaLimit limit;
  // How long until it no longer does, by itself; nullopt: one request alone is more than the limit ever lets through.
  std::optional<std::chrono::nanoseconds> wait;
};

// One that never ends is longer than any.
bool is_longer(const Shortage& one, const Shortage& other);

// How much is left of one limit on requests: what the fields RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset
// of draft-ietf-httpapi-ratelimit-headers-06 say.
struct RateLimit {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;
  std::chrono::seconds reset{0};  // until all of it is there again; rounded up
  bool operator==(const RateLimit&) const = default;
};

// Requests a second fill a bucket: each puts in one unit, and `requests_per_second` units run out in a second, evenly;
// where there is no room for one more, it is refused. Minutes, hours and days are windows that begin with the first
// request after the one before has ended; what was used in them counts until they end. `now` must not go back from one
// call to the next. A value.
class QuotaUse {
 public:
  // What keeps one more request of so many bytes out, the longest wait of all; nullopt: nothing does.
  std::optional<Shortage> shortage(const Quota& quota, std::uint64_t bytes, QuotaTime now) const;
  // Counts one; call start() as well where the quota limits what runs at once.
  void take(const Quota& quota, std::uint64_t bytes, QuotaTime now);
  // The limit on requests of which the fewest are left; nullopt: there is none.
  std::optional<RateLimit> tightest(const Quota& quota, QuotaTime now) const;

  void start() { ++running_; }
  void end() { --running_; }
  bool is_running() const { return running_ != 0; }
  // Whether all that it had is there again, so that it may be forgotten.
  bool is_full(QuotaTime now) const { return running_ == 0 && now >= full_at_; }

 private:
  struct Window {
    QuotaTime start = {};
    std::uint64_t requests = 0;  // 0: the window has not begun
    std::uint64_t bytes = 0;
  };
  // In the bucket, in units of a thousand millionth of a request: rates in nanoseconds come out even.
  std::uint64_t level(const Quota& quota, QuotaTime now) const;
  // As it is now: without what was used in one that has ended.
  Window window(std::size_t index, QuotaTime now) const;

  std::uint64_t level_ = 0;
  QuotaTime level_at_ = {};
  std::array<Window, 3> windows_ = {};  // minute, hour, day
  std::uint64_t running_ = 0;
  QuotaTime full_at_ = QuotaTime::min();
};

// The tighter of the two: of which less is left, else the one that takes longer. Either may be none.
std::optional<RateLimit> tighter(std::optional<RateLimit> one, std::optional<RateLimit> other);

}  // namespace berth::identity
