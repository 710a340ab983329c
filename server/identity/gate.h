// SPDX-License-Identifier: Apache-2.0
// Gate: tells who calls from what a request shows, and gives tokens to those who log in.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/accounts.h"
#include "identity/login_throttle.h"
#include "identity/quota_rules.h"
#include "identity/tokens.h"

namespace berth::identity {

// Whether those are served who do not say who they are.
enum class Anonymous {
  local,    // programs on this machine
  allowed,  // everybody
  refused,
};

struct GateOptions {
  Anonymous anonymous = Anonymous::local;
  Rights anonymous_rights = Rights::on_all({Right::predict, Right::train});
  // One more key, from the server's environment: it may predict and manage. "": there is none.
  std::string environment_key = {};
  std::chrono::seconds token_lifetime{3600};
  LoginLimits login = {};
  QuotaRules quotas = {};
  std::function<Time()> now = [] { return std::chrono::system_clock::now(); };
};

// What a request shows of its sender.
struct Shown {
  std::optional<std::string_view> authorization = {};  // the headers, where it has them
  std::optional<std::string_view> x_api_key = {};
  std::string address = {};
  bool is_local = false;  // it comes from this machine, and nobody passed it on
};

class Gate {
 public:
  Gate(std::unique_ptr<Accounts> accounts, std::unique_ptr<const Tokens> tokens, GateOptions options);

  // Errors: unauthenticated (no credential where one is needed, or one that is not good), invalid_argument (headers
  // that contradict each other or are none), busy (the accounts cannot be read). [any]
  Result<Principal> identify(const Shown& shown);
  // For a credential that stands elsewhere: in a path, in a body. [any]
  Result<Principal> identify(std::string_view credential, std::string address);
  // Likewise, of tokens alone: a key is unauthenticated. [any]
  Result<Principal> identify_token(std::string_view token, std::string address);

  // A token for whoever that password is of. Errors: unauthenticated, throttled, busy, unavailable. The audit log has
  // every attempt. [any]
  void log_in(const std::string& username, std::string password, const std::string& address,
              Accounts::Done<std::string> done);
  // Before a login with something else than a password is looked at: throttled, with when to try again, where logins
  // from that address, of whatever kind, failed too often. It counts as one that failed until login_succeeded(). [any]
  Result<> admit_login(const std::string& address);
  void login_succeeded(const std::string& address);
  // Before somebody makes an account of their own, whatever becomes of it: throttled, with when to try again, where the
  // address did so as often as logins may fail. [any]
  Result<> admit_registration(const std::string& address);
  // A token for somebody who is known already; `deployment` as in Token. One for somebody by their key is worth what
  // the key is whenever it is shown: nothing, once that is disabled, removed or has expired. [any]
  Result<std::string> issue_token(const Principal& principal, std::string deployment = {}) const;
  // A token for a user, whom an admin gives it. not_found; forbidden: they are disabled. The audit log has it. [any]
  Result<std::string> issue_token_for(std::int64_t user_id, const Actor& admin);

  // As QuotaDesk::admit. [any]
  tl::expected<Admission, Refusal> admit(const Principal& caller, std::string_view model, std::uint64_t bytes) {
    return quotas_.admit(caller, model, bytes);
  }

  Accounts& accounts() { return *accounts_; }

 private:
  const std::unique_ptr<const Tokens> tokens_;
  const GateOptions options_;
  // Made once, for the principals of every request.
  const std::shared_ptr<const Rights> anonymous_rights_;
  const std::shared_ptr<const Rights> environment_rights_;
  LoginThrottle throttle_;
  LoginThrottle registrations_;
  QuotaDesk quotas_;
  const std::unique_ptr<Accounts> accounts_;  // last, and so first to go: its threads use the others
};

}  // namespace berth::identity
