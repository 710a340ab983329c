// SPDX-License-Identifier: Apache-2.0
// LoginThrottle: how long somebody must wait who guesses passwords.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

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
    std::string who;
    std::size_t count = 0;
    Clock::time_point last{};
    Clock::time_point not_before{};
  };
  using List = std::list<Failures>;

  // When `who` may try again; the past, where nothing is known of them.
  Clock::time_point until(const std::string& who, Clock::time_point now) const BERTH_REQUIRES(mutex_);
  void count(const std::string& who, Clock::time_point now) BERTH_REQUIRES(mutex_);
  void forget(List::iterator failures) BERTH_REQUIRES(mutex_);
  void take_back(std::string_view address) BERTH_REQUIRES(mutex_);

  const LoginLimits limits_;
  Mutex mutex_;
  List by_age_ BERTH_GUARDED_BY(mutex_);  // who failed longest ago comes first
  std::unordered_map<std::string_view, List::iterator> known_ BERTH_GUARDED_BY(mutex_);  // its keys are theirs
};

}  // namespace berth::identity
