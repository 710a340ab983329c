// SPDX-License-Identifier: Apache-2.0
// What changes users and keys: the database first, then what is in memory, then who asked is told.
#include <utility>

#include "base/json_object.h"
#include "base/log.h"
#include "identity/account_change.h"
#include "identity/accounts_state.h"
#include "identity/api_key.h"

namespace berth::identity {
namespace {

tl::unexpected<Error> no_key(std::int64_t id) {
  return failure(Code::not_found, "there is no key " + std::to_string(id));
}

std::string target_of_key(std::int64_t id) { return "key " + std::to_string(id); }

// Runs `task` with the hash of a password, on `threads`; or tells the error.
template <typename Task, typename Fail>
void with_hash(TaskThreads& threads, const PasswordCost& cost, std::string password, Task task, Fail fail) {
  if (auto good = identity::check_password(password); !good) return fail(std::move(good.error()));
  const bool taken = threads.post([cost, password = std::move(password), task, fail] {
    auto hash = hash_password(password, cost);
    hash ? task(std::move(*hash)) : fail(std::move(hash.error()));
  });
  if (!taken)
    fail({.code = Code::busy,
          .message = "too many passwords wait to be checked",
          .retry_after = std::chrono::seconds(1)});
}

}  // namespace

void Accounts::State::write(std::optional<std::int64_t> id, UserChange wanted, Actor actor, Done<User> done) {
  if (auto good = check(wanted, !id); !good) return done(tl::unexpected<Error>(good.error()));
  if (!wanted.password) return write_user(id, std::move(wanted), "", std::move(actor), std::move(done));
  auto password = *std::exchange(wanted.password, "");  // that it changes stays known
  with_hash(
      passwords, options.cost, std::move(password),
      [self = shared_from_this(), id, wanted = std::move(wanted), actor = std::move(actor), done](std::string hash) {
        self->write_user(id, wanted, std::move(hash), actor, done);
      },
      [done](Error error) { done(failure(std::move(error))); });
}

void Accounts::State::write_user(std::optional<std::int64_t> id, UserChange wanted, std::string hash, Actor actor,
                                 Done<User> done) {
  auto row = std::make_shared<store::UserRow>();
  auto work = [self = shared_from_this(), id, wanted = std::move(wanted), hash = std::move(hash),
               actor = std::move(actor), row](soci::session& sql) -> Result<> {
    const bool is_new = !id;
    const auto entry = is_new ? nullptr : self->book.user(*id);
    if (!is_new && entry == nullptr) return no_user(*id);
    *row = is_new ? store::UserRow{.username = *wanted.username, .password = "", .role = "user"} : entry->row;
    apply(wanted, *row);
    if (!hash.empty()) {
      row->password = hash;
      // The tokens of this second too; one that is issued from now on says the next.
      row->tokens_after = std::chrono::system_clock::to_time_t(self->options.now()) + 1;
    }
    row->updated = self->now_text();
    if (is_new) row->created = row->updated;
    const bool was_admin = entry != nullptr && entry->role == Role::admin && entry->row.enabled;
    const bool is_admin = row->role == to_string(Role::admin) && row->enabled;
    if (was_admin && !is_admin && self->book.other_admins(*id) == 0) return last_admin();
    if (is_new && self->book.user(row->username) != nullptr) {
      return failure(Code::conflict, "there is a user " + row->username + " already");
    }
    if (is_new) store::insert(sql, *row);
    if (!is_new && !store::update(sql, *row)) return no_user(*id);
    audit(sql, actor, is_new ? "user.create" : "user.change", target_of_user(row->id), describe(wanted));
    return {};
  };
  auto remember = [self = shared_from_this(), row] { self->book.put(*row); };
  auto answer = [row] { return view_of(read_row(*row)); };
  change<User>(std::move(work), std::move(remember), std::move(answer), std::move(done));
}

void Accounts::State::rehash(const store::UserRow& checked, const std::string& password) {
  auto told = [id = checked.id](const Result<>& kept) {
    if (kept) return;
    log::warning("the password of user " + std::to_string(id) + " keeps its old hash: " + kept.error().message,
                 {.component = "identity"});
  };
  auto hash = hash_password(password, options.cost);
  if (!hash) return told(tl::unexpected<Error>(hash.error()));
  auto row = std::make_shared<store::UserRow>();
  auto work = [self = shared_from_this(), id = checked.id, before = checked.password, hash = std::move(*hash),
               row](soci::session& sql) -> Result<> {
    const auto entry = self->book.user(id);
    *row = {};
    if (entry == nullptr || entry->row.password != before) return {};  // somebody was faster
    *row = entry->row;
    row->password = hash;
    return store::update(sql, *row) ? Result<>() : no_user(id);
  };
  auto remember = [self = shared_from_this(), row] {
    if (row->id != 0) self->book.put(*row);
  };
  database.write(std::move(work), std::move(told), store::Sync::later, std::move(remember));
}

void Accounts::add_user(UserChange user, Actor actor, Done<User> done) {
  if (!user.username) return done(failure(Code::invalid_argument, "username: it is missing"));
  state_->write(std::nullopt, std::move(user), std::move(actor), std::move(done));
}

void Accounts::change_user(std::int64_t id, UserChange change, Actor actor, Done<User> done) {
  state_->write(id, std::move(change), std::move(actor), std::move(done));
}

void Accounts::remove_user(std::int64_t id, Actor actor, Done<> done) {
  auto work = [state = state_, id, actor = std::move(actor)](soci::session& sql) -> Result<> {
    const auto user = state->book.user(id);
    if (user == nullptr) return no_user(id);
    const bool is_admin = user->role == Role::admin && user->row.enabled;
    if (is_admin && state->book.other_admins(id) == 0) return last_admin();
    store::remove_user(sql, id);
    audit(sql, actor, "user.remove", target_of_user(id),
          json::ObjectText().text("username", user->row.username).done());
    return {};
  };
  auto remember = [state = state_, id] { state->book.remove_user(id); };
  state_->change<void>(
      std::move(work), std::move(remember), [] { return Result<>(); }, std::move(done));
}

void Accounts::add_key(std::int64_t user_id, KeyChange wanted, Actor actor, Done<NewKey> done) {
  if (auto good = check(wanted, true); !good) return done(tl::unexpected<Error>(good.error()));
  auto secret = std::make_shared<ApiKey>(make_api_key());
  auto row = std::make_shared<store::KeyRow>();
  auto work = [state = state_, user_id, wanted = std::move(wanted), actor = std::move(actor), secret,
               row](soci::session& sql) -> Result<> {
    if (state->book.user(user_id) == nullptr) return no_user(user_id);
    *row = {.user_id = user_id, .name = "", .prefix = secret->prefix, .hash = secret->hash};
    apply(wanted, *row);
    row->created = row->updated = state->now_text();
    store::insert(sql, *row);
    audit(sql, actor, "key.create", target_of_key(row->id),
          json::ObjectText().number("user_id", user_id).text("prefix", row->prefix).done());
    return {};
  };
  auto remember = [state = state_, row] { state->book.put(*row); };
  auto answer = [row, secret] { return NewKey{view_of(read_row(*row)), secret->secret}; };
  state_->change<NewKey>(std::move(work), std::move(remember), std::move(answer), std::move(done));
}

void Accounts::change_key(std::int64_t id, KeyChange wanted, Actor actor, Done<Key> done) {
  if (auto good = check(wanted, false); !good) return done(tl::unexpected<Error>(good.error()));
  auto row = std::make_shared<store::KeyRow>();
  auto work = [state = state_, id, wanted = std::move(wanted), actor = std::move(actor),
               row](soci::session& sql) -> Result<> {
    const auto key = state->book.key(id);
    if (key == nullptr) return no_key(id);
    *row = key->row;
    apply(wanted, *row);
    row->updated = state->now_text();
    if (!store::update(sql, *row)) return no_key(id);
    audit(sql, actor, "key.change", target_of_key(id), describe(wanted));
    return {};
  };
  auto remember = [state = state_, row] { state->book.put(*row); };
  auto answer = [row] { return view_of(read_row(*row)); };
  state_->change<Key>(std::move(work), std::move(remember), std::move(answer), std::move(done));
}

void Accounts::remove_key(std::int64_t id, Actor actor, Done<> done) {
  auto work = [state = state_, id, actor = std::move(actor)](soci::session& sql) -> Result<> {
    const auto key = state->book.key(id);
    if (key == nullptr) return no_key(id);
    store::remove_key(sql, id);
    audit(sql, actor, "key.remove", target_of_key(id), json::ObjectText().text("prefix", key->row.prefix).done());
    return {};
  };
  auto remember = [state = state_, id] { state->book.remove_key(id); };
  state_->change<void>(
      std::move(work), std::move(remember), [] { return Result<>(); }, std::move(done));
}

}  // namespace berth::identity
