// SPDX-License-Identifier: Apache-2.0
#include "app_identity.h"

#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "identity/secret_files.h"

namespace berth {
namespace {

std::chrono::seconds seconds_of(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time);
}

identity::Rights anonymous_rights(const config::Config& config) {
  using identity::Right;
  if (!config.server.anonymous_training) return identity::Rights::on_all({Right::predict});
  return identity::Rights::on_all({Right::predict, Right::train});
}

identity::Anonymous to_anonymous(config::Anonymous anonymous) {
  switch (anonymous) {
    case config::Anonymous::allowed: return identity::Anonymous::allowed;
    case config::Anonymous::refused: return identity::Anonymous::refused;
    case config::Anonymous::automatic: break;
  }
  return identity::Anonymous::local;
}

// A name so common opens nothing where nobody asked for the API whose clients know it.
std::string environment_key(const config::Config& config) {
  const char* key = config.classifier.enabled ? std::getenv("X_API_KEY") : nullptr;
  return key == nullptr ? "" : key;
}

identity::Quota to_quota(const config::Quota& from) {
  return {.requests_per_second = from.requests_per_second,
          .burst = from.burst,
          .requests_per_minute = from.requests_per_minute,
          .requests_per_hour = from.requests_per_hour,
          .requests_per_day = from.requests_per_day,
          .bytes_per_minute = from.bytes_per_minute,
          .bytes_per_hour = from.bytes_per_hour,
          .bytes_per_day = from.bytes_per_day,
          .concurrent = from.concurrent};
}

identity::ModelQuotas to_quotas(const config::Serving& from) {
  return {.together = to_quota(from.quota), .each_user = to_quota(from.quota_per_user)};
}

identity::QuotaRules quota_rules(const config::Config& config) {
  using identity::Role;
  const auto& from = config.quotas;
  identity::QuotaRules rules;
  rules.options = {.max_addresses = from.max_addresses, .max_subjects = from.max_subjects};
  rules.anonymous = to_quota(from.anonymous);
  const auto of_role = [&rules](Role role) -> identity::Quota& {
    return rules.by_role.at(static_cast<std::size_t>(role));
  };
  of_role(Role::viewer) = to_quota(from.roles.viewer);
  of_role(Role::user) = to_quota(from.roles.user);
  of_role(Role::admin) = to_quota(from.roles.admin);
  // Copies: the configuration need not live as long.
  std::map<std::string, identity::ModelQuotas, std::less<>> models;
  for (const auto& [name, serving] : config.models) models.emplace(name, to_quotas(serving));
  rules.of_model = [models = std::move(models), usual = to_quotas(config.defaults)](std::string_view model) {
    const auto found = models.find(model);
    return found == models.end() ? usual : found->second;
  };
  return rules;
}

Result<std::unique_ptr<identity::Tokens>> open_tokens(const config::Config& config,
                                                      const std::filesystem::path& state_dir) {
  std::vector<std::string> keys;
  for (const auto& file : config.identity.token_keys) {
    auto key = identity::read_secret(file);
    if (!key) return tl::unexpected<Error>(key.error());
    keys.push_back(std::move(*key));
  }
  if (keys.empty()) {
    auto key = identity::read_or_make_secret(state_dir / "token.key");
    if (!key) return tl::unexpected<Error>(key.error());
    keys.push_back(std::move(*key));
  }
  return identity::Tokens::create(std::move(keys));
}

}  // namespace

identity::Accounts::Options accounts_options(const config::Config& config, const std::filesystem::path& state_dir) {
  const auto& from = config.identity;
  return {.cost = {.memory_bytes = from.password_memory, .passes = from.password_passes},
          .password_threads = from.password_threads,
          .max_waiting_passwords = from.max_waiting_logins,
          .keep_first_key = [file = state_dir / "admin.key"](const std::string& secret) -> Result<> {
            auto written = identity::write_secret(file, secret);
            if (written) log::info("the first admin's key is in " + file.string(), {.component = "identity"});
            return written;
          }};
}

identity::GateOptions gate_options(const config::Config& config) {
  identity::GateOptions options;
  options.anonymous = to_anonymous(config.server.anonymous);
  options.anonymous_rights = anonymous_rights(config);
  options.environment_key = environment_key(config);
  options.token_lifetime = seconds_of(config.identity.token_lifetime);
  options.login.free_attempts = config.identity.free_login_attempts;
  options.login.longest_wait = seconds_of(config.identity.longest_login_wait);
  options.quotas = quota_rules(config);
  return options;
}

Result<std::unique_ptr<store::Database>> open_database(const config::Config& config,
                                                       const std::filesystem::path& state_dir) {
  const auto& from = config.store;
  return store::Database::open({.url = from.url.empty() ? "sqlite:" + (state_dir / "berth.db").string() : from.url,
                                .max_waiting = from.max_waiting,
                                .readers = from.readers,
                                .retry = from.retry});
}

Result<std::unique_ptr<identity::Gate>> open_gate(const config::Config& config, store::Database& database,
                                                  const std::filesystem::path& state_dir) {
  auto tokens = open_tokens(config, state_dir);
  if (!tokens) return tl::unexpected<Error>(tokens.error());
  auto accounts = std::make_unique<identity::Accounts>(database, accounts_options(config, state_dir));
  if (const auto loaded = accounts->load(); !loaded) {
    log::error("the accounts cannot be read yet: " + loaded.error().message, {.component = "identity"});
  }
  return std::make_unique<identity::Gate>(std::move(accounts), std::move(*tokens), gate_options(config));
}

}  // namespace berth
