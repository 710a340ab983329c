// SPDX-License-Identifier: Apache-2.0
#include "app_identity.h"

#include <cstdlib>
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

}  // namespace

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
  identity::GateOptions options;
  options.anonymous = to_anonymous(config.server.anonymous);
  options.anonymous_rights = anonymous_rights(config);
  options.token_lifetime = seconds_of(config.identity.token_lifetime);
  options.login.free_attempts = config.identity.free_login_attempts;
  options.login.longest_wait = seconds_of(config.identity.longest_login_wait);
  return std::make_unique<identity::Gate>(std::move(accounts), std::move(*tokens), std::move(options));
}

}  // namespace berth
