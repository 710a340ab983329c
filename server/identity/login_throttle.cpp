// SPDX-License-Identifier: Apache-2.0
#include "identity/login_throttle.h"

#include <algorithm>
#include <utility>

namespace berth::identity {
namespace {

constexpr std::string_view kAccount = "account ";
constexpr std::string_view kAddress = "address ";

tl::unexpected<Error> too_many(std::string message, LoginThrottle::Clock::duration wait) {
  return failure({.code = Code::throttled,
                  .message = std::move(message),
                  .retry_after = std::chrono::ceil<std::chrono::seconds>(wait)});
}

std::string key_of(std::string_view kind, std::string_view name) { return std::string(kind).append(name); }

}  // namespace

LoginThrottle::Failures& LoginThrottle::look_up(std::string_view kind, std::string_view name, Clock::time_point now) {
  auto key = key_of(kind, name);
  if (!known_.contains(key) && known_.size() >= limits_.max_remembered) forget_oldest();
  auto& failures = known_[std::move(key)];
  if (now - failures.last > limits_.memory) failures = {};
  return failures;
}

void LoginThrottle::forget_oldest() {
  const auto oldest = std::ranges::min_element(known_, {}, [](const auto& each) { return each.second.last; });
  if (oldest != known_.end()) known_.erase(oldest);
}

void LoginThrottle::count(Failures& failures, Clock::time_point now) const {
  ++failures.count;
  failures.last = now;
  if (failures.count <= limits_.free_attempts) return;
  const auto doublings = std::min<std::size_t>(failures.count - limits_.free_attempts - 1, 20);
  failures.not_before = now + std::min(limits_.longest_wait, std::chrono::seconds(1LL << doublings));
}

Result<> LoginThrottle::attempt(std::string_view account, std::string_view address, Clock::time_point now) {
  const Lock lock(mutex_);
  // A reference into a map stays good while others come; forgetting takes the one that failed longest ago, so the first
  // must be looked at before the second is made.
  const auto account_until = look_up(kAccount, account, now).not_before;
  const auto address_until = look_up(kAddress, address, now).not_before;
  const auto until = std::max(account_until, address_until);
  if (until > now) return too_many("too many failed logins", until - now);
  count(look_up(kAccount, account, now), now);
  count(look_up(kAddress, address, now), now);
  return {};
}

Result<> LoginThrottle::attempt_from(std::string_view address, Clock::time_point now) {
  const Lock lock(mutex_);
  auto& failures = look_up(kAddress, address, now);
  if (failures.not_before > now) return too_many("too many attempts", failures.not_before - now);
  count(failures, now);
  return {};
}

void LoginThrottle::succeeded(std::string_view account, std::string_view address) {
  const Lock lock(mutex_);
  if (const auto found = known_.find(key_of(kAccount, account)); found != known_.end()) known_.erase(found);
  take_back(address);
}

void LoginThrottle::succeeded_from(std::string_view address) {
  const Lock lock(mutex_);
  take_back(address);
}

void LoginThrottle::take_back(std::string_view address) {
  const auto found = known_.find(key_of(kAddress, address));
  if (found == known_.end()) return;
  // Somebody who has an account may not clear what they guessed of others'.
  if (found->second.count > 0) --found->second.count;
  if (found->second.count <= limits_.free_attempts) found->second.not_before = {};
  if (found->second.count == 0) known_.erase(found);
}

}  // namespace berth::identity
