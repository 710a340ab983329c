// SPDX-License-Identifier: Apache-2.0
// LoginThrottle: how long somebody must wait who guesses passwords.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"

namespace berth::identity {

struct LoginLimits {
  std::size_t free_attempts = 5;           // failures in a row before anybody waits; for an account, and for an address
  std::chrono::seconds longest_wait{300};  // it doubles with each failure, from one second to this
  std::chrono::seconds memory{3600};       // after which failures are forgotten
  std::size_t max_remembered = 100'000;  // accounts and addresses; beyond, those that failed longest ago are forgotten
};

class LoginThrottle {
 public:
  using Clock = std::chrono::steady_clock;
  explicit LoginThrottle(LoginLimits limits) : limits_(limits) {}

  // Before the password is looked at; it counts as a failure until succeeded() says otherwise, so that many attempts at
  // once gain nothing. throttled, with when to try again: for this account or from this address. [any]
  Result<> attempt(std::string_view account, std::string_view address, Clock::time_point now);
  // As attempt(), of an address alone: for what anybody may do, but not often. [any]
  Result<> attempt_from(std::string_view address, Clock::time_point now);
  // The attempt was good: the account's failures are forgotten, and this one of the address. [any]
  void succeeded(std::string_view account, std::string_view address);
  void succeeded_from(std::string_view address);

 private:
  struct Failures {
    std::size_t count = 0;
    Clock::time_point last{};
    Clock::time_point not_before{};
  };

  Failures& look_up(std::string_view kind, std::string_view name, Clock::time_point now) BERTH_REQUIRES(mutex_);
  void count(Failures& failures, Clock::time_point now) const;
  void forget_oldest() BERTH_REQUIRES(mutex_);
  void take_back(std::string_view address) BERTH_REQUIRES(mutex_);

  const LoginLimits limits_;
  Mutex mutex_;
  std::map<std::string, Failures, std::less<>> known_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::identity
