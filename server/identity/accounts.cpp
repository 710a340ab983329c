// SPDX-License-Identifier: Apache-2.0
#include "identity/accounts.h"

#include <future>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "identity/accounts_state.h"
#include "identity/api_key.h"
#include "store/audit_log.h"
#include "store/row.h"

namespace berth::identity {
namespace {

tl::unexpected<Error> unknown_key() { return failure(Code::unauthenticated, "the key is not valid"); }
tl::unexpected<Error> unknown_token() { return failure(Code::unauthenticated, "the token is not valid"); }
tl::unexpected<Error> wrong_password() { return failure(Code::unauthenticated, "wrong username or password"); }

Principal principal_of(const UserEntry& user) {
  return {.user_id = user.row.id,
          .name = user.row.username,
          .role = user.role,
          .tokens_after = user.row.tokens_after,
          .rights = user.rights,
          .user_quota = user.quota};
}

// By a key; nullopt: it or its user is not there or disabled, or it has expired.
std::optional<Principal> principal_of(const UserPtr& user, const KeyPtr& key, Time now) {
  if (user == nullptr || key == nullptr || key->row.user_id != user->row.id) return std::nullopt;
  if (!user->row.enabled || !key->row.enabled || (key->expires && now >= *key->expires)) return std::nullopt;
  auto principal = principal_of(*user);
  principal.key_id = key->row.id;
  principal.narrowed_to = key->rights;
  principal.key_quota = key->quota;
  return principal;
}

}  // namespace

tl::unexpected<Error> no_user(std::int64_t id) {
  return failure(Code::not_found, "there is no user " + std::to_string(id));
}
std::string target_of_user(std::int64_t id) { return "user " + std::to_string(id); }

void audit(soci::session& sql, const Actor& actor, std::string action, const std::string& target, std::string detail) {
  store::append(sql, {.actor = storable(actor.name),
                      .address = actor.address,
                      .action = std::move(action),
                      .target = storable(target),
                      .detail_json = std::move(detail)});
}

std::string Accounts::State::now_text() const { return store::time_text(options.now()); }

Result<> Accounts::State::read(soci::session& sql, Rows& rows) const {
  rows = {store::all_users(sql), store::all_keys(sql)};
  if (!rows.users.empty() || !options.keep_first_key) return {};
  const auto now = now_text();
  store::UserRow admin{
      .username = "admin", .password = "", .role = std::string(to_string(Role::admin)), .created = now, .updated = now};
  store::insert(sql, admin);
  const auto secret = make_api_key();
  store::KeyRow key{.user_id = admin.id,
                    .name = "first",
                    .prefix = secret.prefix,
                    .hash = secret.hash,
                    .created = now,
                    .updated = now};
  store::insert(sql, key);
  audit(sql, {.name = "the first start"}, "user.create", target_of_user(admin.id), "{}");
  rows = {{admin}, {key}};
  return options.keep_first_key(secret.secret);
}

void Accounts::State::load(Done<> done) {
  const auto rows = std::make_shared<Rows>();
  auto work = [self = shared_from_this(), rows](soci::session& sql) -> Result<> {
    return self->book.is_loaded() ? Result<>() : self->read(sql, *rows);
  };
  // All of it on the thread that writes, so that it comes before or after each change.
  auto remember = [self = shared_from_this(), rows] {
    if (!self->book.is_loaded()) self->book.load(std::move(rows->users), std::move(rows->keys));
  };
  database.write(std::move(work), std::move(done), store::Sync::now, std::move(remember));
}

Result<> Accounts::State::check_loaded() {
  if (book.is_loaded()) return {};
  if (!loading.exchange(true)) {
    load([self = shared_from_this()](const Result<>&) { self->loading = false; });
  }
  // busy, which clients are told in these words: what is unavailable to them is a model.
  return failure({.code = Code::busy,
                  .message = "the accounts cannot be read at the moment",
                  .retry_after = std::chrono::seconds(1)});
}

Accounts::Accounts(store::Database& database, Options options)
    : state_(std::make_shared<State>(database, std::move(options))) {
  if (auto hash = hash_password(make_api_key().secret, state_->options.cost)) state_->decoy = std::move(*hash);
}
Accounts::~Accounts() { state_->passwords.close(); }  // here: its tasks hold the state, and must not end it

Result<> Accounts::load() {
  std::promise<Result<>> told;
  state_->load([&told](Result<> done) { told.set_value(std::move(done)); });
  return told.get_future().get();
}

Result<Principal> Accounts::find_key(std::string_view secret) {
  if (auto loaded = state_->check_loaded(); !loaded) return tl::unexpected<Error>(loaded.error());
  const auto key = state_->book.key_by_hash(hash_of_key(secret));
  const auto user = key == nullptr ? nullptr : state_->book.user(key->row.user_id);
  const auto now = state_->options.now();
  auto principal = principal_of(user, key, now);
  if (!principal) return unknown_key();
  if (state_->book.note_use(key, now)) {
    state_->database.write(
        [id = key->row.id, when = store::time_text(now)](soci::session& sql) -> Result<> {
          store::set_last_used(sql, id, when);
          return {};
        },
        [](const Result<>&) {});  // the next minute tries again
  }
  return *std::move(principal);
}

Result<Principal> Accounts::find_user(std::int64_t id, std::int64_t token_issued, std::int64_t key_id) const {
  if (auto loaded = state_->check_loaded(); !loaded) return tl::unexpected<Error>(loaded.error());
  const auto user = state_->book.user(id);
  if (user == nullptr || !user->row.enabled || token_issued < user->row.tokens_after) return unknown_token();
  if (key_id == 0) return principal_of(*user);
  auto principal = principal_of(user, state_->book.key(key_id), state_->options.now());
  if (!principal) return unknown_token();
  return *std::move(principal);
}

void Accounts::check_password(std::string username, std::string password, const Done<Principal>& done) {
  if (auto loaded = state_->check_loaded(); !loaded) return done(tl::unexpected<Error>(loaded.error()));
  const bool taken =
      state_->passwords.post([state = state_, username = std::move(username), password = std::move(password), done] {
        const auto user = state->book.user(username);
        const bool has_password = user != nullptr && !user->row.password.empty();
        const auto& hash = has_password ? user->row.password : state->decoy;
        if (state->options.on_verify) state->options.on_verify(hash);
        const bool fits = verify_password(hash, password);
        if (!fits || !has_password || !user->row.enabled) return done(wrong_password());
        done(principal_of(*user));
        if (needs_rehash(user->row.password, state->options.cost)) state->rehash(user->row, password);
      });
  if (taken) return;
  done(failure(
      {.code = Code::busy, .message = "too many logins wait to be checked", .retry_after = std::chrono::seconds(1)}));
}

std::vector<User> Accounts::users() const {
  std::vector<User> all;
  for (const auto& user : state_->book.users()) all.push_back(view_of(*user));
  return all;
}

Result<User> Accounts::user(std::int64_t id) const {
  const auto user = state_->book.user(id);
  if (user == nullptr) return no_user(id);
  return view_of(*user);
}

Result<User> Accounts::user(std::string_view username) const {
  const auto user = state_->book.user(username);
  if (user == nullptr) return failure(Code::not_found, std::string("there is no user ").append(username));
  return view_of(*user);
}

std::vector<Key> Accounts::keys(std::int64_t user_id) const {
  std::vector<Key> theirs;
  for (const auto& key : state_->book.keys(user_id)) theirs.push_back(view_of(*key));
  return theirs;
}

void Accounts::note(const Actor& actor, std::string action, std::string target, std::string detail_json) {
  auto failed = [action](const Result<>& result) {
    if (!result) log::error("the audit log lacks " + action + ": " + result.error().message, {.component = "identity"});
  };
  state_->database.write(
      [actor, action = std::move(action), target = std::move(target),
       detail = std::move(detail_json)](soci::session& sql) -> Result<> {
        audit(sql, actor, action, target, detail);
        return {};
      },
      std::move(failed));
}

void Accounts::read_audit(std::int64_t before, std::size_t count, Done<std::vector<store::AuditEntry>> done) {
  const auto entries = std::make_shared<std::vector<store::AuditEntry>>();
  state_->database.read(
      [before, count, entries](soci::session& sql) -> Result<> {
        *entries = store::newest(sql, before, count);
        return {};
      },
      [entries, done = std::move(done)](const Result<>& read) {
        read ? done(std::move(*entries)) : done(tl::unexpected<Error>(read.error()));
      });
}

void Accounts::verify_audit(Done<store::AuditVerdict> done) {
  const auto verdict = std::make_shared<store::AuditVerdict>();
  state_->database.read(
      [verdict](soci::session& sql) -> Result<> {
        *verdict = store::verify(sql);
        return {};
      },
      [verdict, done = std::move(done)](const Result<>& read) {
        read ? done(std::move(*verdict)) : done(tl::unexpected<Error>(read.error()));
      });
}

}  // namespace berth::identity
