// SPDX-License-Identifier: Apache-2.0
#include "identity/login_throttle.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace berth::identity {
namespace {

tl::unexpected<Error> too_many(std::string message, LoginThrottle::Clock::duration wait) {
  return failure({.code = Code::throttled,
                  .message = std::move(message),
                  .retry_after = std::chrono::ceil<std::chrono::seconds>(wait)});
}

std::string account_key(std::string_view name) { return std::string("account ").append(name); }
std::string address_key(std::string_view name) { return std::string("address ").append(name); }

}  // namespace

LoginThrottle::Clock::time_point LoginThrottle::until(const std::string& who, Clock::time_point now) const {
  const auto found = known_.find(who);
  if (found == known_.end() || now - found->second->last > limits_.memory) return {};
  return found->second->not_before;
}

void LoginThrottle::count(const std::string& who, Clock::time_point now) {
  const auto found = known_.find(who);
  if (found == known_.end()) {
    by_age_.push_back({.who = who});
    known_.emplace(by_age_.back().who, std::prev(by_age_.end()));
  } else {
    by_age_.splice(by_age_.end(), by_age_, found->second);
  }
  auto& failures = by_age_.back();
  if (now - failures.last > limits_.memory) failures.count = 0;
  ++failures.count;
  failures.last = now;
  if (failures.count > limits_.free_attempts) {
    const auto doublings = std::min<std::size_t>(failures.count - limits_.free_attempts - 1, 20);
    failures.not_before = now + std::min(limits_.longest_wait, std::chrono::seconds(1LL << doublings));
  }
  if (by_age_.size() > limits_.max_remembered) forget(by_age_.begin());
}

void LoginThrottle::forget(List::iterator failures) {
  known_.erase(failures->who);
  by_age_.erase(failures);
}

Result<> LoginThrottle::attempt(std::string_view account, std::string_view address, Clock::time_point now) {
  const auto by_account = account_key(account), by_address = address_key(address);
  const Lock lock(mutex_);
  const auto may_try = std::max(until(by_account, now), until(by_address, now));
  if (may_try > now) return too_many("too many failed logins", may_try - now);
  count(by_account, now);
  count(by_address, now);
  return {};
}

Result<> LoginThrottle::attempt_from(std::string_view address, Clock::time_point now) {
  const auto by_address = address_key(address);
  const Lock lock(mutex_);
  const auto may_try = until(by_address, now);
  if (may_try > now) return too_many("too many attempts", may_try - now);
  count(by_address, now);
  return {};
}

void LoginThrottle::succeeded(std::string_view account, std::string_view address) {
  const Lock lock(mutex_);
  if (const auto found = known_.find(account_key(account)); found != known_.end()) forget(found->second);
  take_back(address);
}

void LoginThrottle::succeeded_from(std::string_view address) {
  const Lock lock(mutex_);
  take_back(address);
}

void LoginThrottle::take_back(std::string_view address) {
  const auto found = known_.find(address_key(address));
  if (found == known_.end()) return;
  auto& failures = *found->second;
  // Somebody who has an account may not clear what they guessed of others'.
  if (failures.count > 0) --failures.count;
  if (failures.count <= limits_.free_attempts) failures.not_before = {};
  if (failures.count == 0) forget(found->second);
}

}  // namespace berth::identity
