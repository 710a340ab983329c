// SPDX-License-Identifier: Apache-2.0
#include "identity/gate.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "identity/api_key.h"
#include "identity/credential.h"
#include "identity/quota_address.h"

namespace berth::identity {
namespace {

constexpr std::size_t kMaxUsernameBytes = 256;

}  // namespace

Gate::Gate(std::unique_ptr<Accounts> accounts, std::unique_ptr<const Tokens> tokens, GateOptions options)
    : tokens_(std::move(tokens)),
      options_(std::move(options)),
      anonymous_rights_(std::make_shared<const Rights>(options_.anonymous_rights)),
      environment_rights_(std::make_shared<const Rights>(Rights::on_all({Right::predict, Right::manage}))),
      throttle_(options_.login),
      registrations_(options_.login),
      quotas_(options_.quotas),
      accounts_(std::move(accounts)) {}

Result<Principal> Gate::identify(const Shown& shown) {
  const auto credential = read_credential(shown.authorization, shown.x_api_key);
  if (!credential) return tl::unexpected<Error>(credential.error());
  if (*credential) return identify(**credential, shown.address);
  const bool may_come =
      options_.anonymous == Anonymous::allowed || (options_.anonymous == Anonymous::local && shown.is_local);
  if (!may_come) return failure(Code::unauthenticated, "a key or token is needed");
  return Principal{.address = shown.address, .rights = anonymous_rights_};
}

Result<Principal> Gate::identify(std::string_view credential, std::string address) {
  auto principal = [&]() -> Result<Principal> {
    if (!options_.environment_key.empty() && equal_secrets(credential, options_.environment_key)) {
      return Principal{.name = "X_API_KEY", .role = Role::user, .rights = environment_rights_};
    }
    if (is_api_key(credential)) return accounts_->find_key(credential);
    return identify_token(credential, {});
  }();
  if (principal) principal->address = std::move(address);
  return principal;
}

Result<Principal> Gate::identify_token(std::string_view token, std::string address) {
  const auto claims = tokens_->verify(token, options_.now());
  if (!claims) return tl::unexpected<Error>(claims.error());
  auto found = accounts_->find_user(claims->user_id, claims->issued, claims->key_id);
  if (!found) return found;
  found->deployment = claims->deployment;
  found->address = std::move(address);
  return found;
}

Result<> Gate::admit_login(const std::string& address) {
  return throttle_.attempt_from(quota_address(address), LoginThrottle::Clock::now());
}

void Gate::login_succeeded(const std::string& address) { throttle_.succeeded_from(quota_address(address)); }

Result<> Gate::admit_registration(const std::string& address) {
  return registrations_.attempt_from(quota_address(address), LoginThrottle::Clock::now());
}

void Gate::log_in(const std::string& username, std::string password, const std::string& address,
                  Accounts::Done<std::string> done) {
  // No user has such a name, and what is kept of the attempt stays small.
  if (username.size() > kMaxUsernameBytes) return done(failure(Code::unauthenticated, "wrong username or password"));
  const auto tell = [this, username, address](bool good) {
    accounts_->note({.name = good ? username : "anonymous", .address = address}, good ? "login" : "login.refused",
                    "user " + username);
  };
  // Whoever has one address of IPv6 has very many.
  const auto network = quota_address(address);
  if (auto may_try = throttle_.attempt(username, network, LoginThrottle::Clock::now()); !may_try) {
    return done(tl::unexpected<Error>(may_try.error()));
  }
  accounts_->check_password(username, std::move(password),
                            [=, this, done = std::move(done)](Result<Principal> principal) {
                              if (!principal) {
                                if (principal.error().code == Code::unauthenticated) tell(false);
                                return done(tl::unexpected<Error>(principal.error()));
                              }
                              throttle_.succeeded(username, network);
                              tell(true);
                              done(issue_token(*principal));
                            });
}

Result<std::string> Gate::issue_token(const Principal& principal, std::string deployment) const {
  const auto now = std::chrono::system_clock::to_time_t(options_.now());
  return tokens_->issue({.user_id = principal.user_id,
                         .issued = std::max<std::int64_t>(now, principal.tokens_after),
                         .expires = now + options_.token_lifetime.count(),
                         .key_id = principal.key_id,
                         .deployment = std::move(deployment)});
}

Result<std::string> Gate::issue_token_for(std::int64_t user_id, const Actor& admin) {
  const auto user = accounts_->user(user_id);
  if (!user) return tl::unexpected<Error>(user.error());
  const auto principal = accounts_->find_user(user_id, std::numeric_limits<std::int64_t>::max());
  if (!principal) return failure(Code::forbidden, "the user is disabled");
  accounts_->note(admin, "token.create", "user " + std::to_string(user_id));
  return issue_token(*principal);
}

}  // namespace berth::identity
