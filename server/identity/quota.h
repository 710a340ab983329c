// SPDX-License-Identifier: Apache-2.0
// Quota: how much somebody may ask for in a time: requests, bytes of their bodies, requests at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::identity {

// A value. 0 is no limit, of each; but `burst`, which is then as many as in a second.
struct Quota {
  // As much as parse() accepts.
  static constexpr std::uint64_t kMaxPerSecond = 1'000'000;
  static constexpr std::uint64_t kMaxRequests = 1'000'000'000;
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 50;

  std::uint64_t requests_per_second = 0;  // in the long run
  std::uint64_t burst = 0;                // how many may come at once after a rest
  std::uint64_t requests_per_minute = 0;
  std::uint64_t requests_per_hour = 0;
  std::uint64_t requests_per_day = 0;
  std::uint64_t bytes_per_minute = 0;
  std::uint64_t bytes_per_hour = 0;
  std::uint64_t bytes_per_day = 0;
  std::uint64_t concurrent = 0;
  bool operator==(const Quota&) const = default;

  // {"requests_per_second":5,"burst":20,"bytes_per_day":"1GiB","concurrent":2}: what is left out is not limited, and
  // bytes are a number or a size. invalid_argument names the member: one that is not known, is there twice, or is 0,
  // which could be read as everything and as nothing. [any]
  static Result<Quota> parse(std::string_view json);
  // Of what is limited; bytes as numbers. [any]
  std::string to_json() const;

  bool is_unlimited() const { return *this == Quota{}; }
  // How many requests a full bucket lets through at once; meaningful where requests_per_second is.
  std::uint64_t bucket() const { return burst != 0 ? burst : requests_per_second; }
};

}  // namespace berth::identity
