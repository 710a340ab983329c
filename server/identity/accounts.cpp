// SPDX-License-Identifier: Apache-2.0
#include "identity/accounts.h"

#include <atomic>
#include <future>
#include <utility>

#include "base/json_object.h"
#include "base/log.h"
#include "base/task_threads.h"
#include "identity/account_book.h"
#include "identity/account_change.h"
#include "identity/api_key.h"
#include "store/audit_log.h"
#include "store/row.h"

namespace berth::identity {
namespace {

tl::unexpected<Error> unknown_key() { return failure(Code::unauthenticated, "the key is not valid"); }
tl::unexpected<Error> unknown_token() { return failure(Code::unauthenticated, "the token is not valid"); }
tl::unexpected<Error> wrong_password() { return failure(Code::unauthenticated, "wrong username or password"); }
tl::unexpected<Error> no_user(std::int64_t id) {
  return failure(Code::not_found, "there is no user " + std::to_string(id));
}
tl::unexpected<Error> no_key(std::int64_t id) {
  return failure(Code::not_found, "there is no key " + std::to_string(id));
}

Principal principal_of(const UserEntry& user) {
  return {.user_id = user.row.id,
          .name = user.row.username,
          .role = user.role,
          .tokens_after = user.row.tokens_after,
          .rights = user.rights,
          .user_quota = user.quota};
}

std::string target_of_user(std::int64_t id) { return "user " + std::to_string(id); }
std::string target_of_key(std::int64_t id) { return "key " + std::to_string(id); }

void audit(soci::session& sql, const Actor& actor, std::string action, std::string target, std::string detail) {
  store::append(sql, {.actor = actor.name,
                      .address = actor.address,
                      .action = std::move(action),
                      .target = std::move(target),
                      .detail_json = std::move(detail)});
}

}  // namespace

struct Accounts::State : std::enable_shared_from_this<State> {
  State(store::Database& database_in, Options options_in)
      : database(database_in),
        options(std::move(options_in)),
        passwords(
            {.name = "passwords", .threads = options.password_threads, .max_waiting = options.max_waiting_passwords}) {}

  std::string now_text() const { return store::time_text(options.now()); }

  // Reads what the database holds, which is in memory once that is committed; an empty one gets its first admin.
  struct Rows {
    std::vector<store::UserRow> users;
    std::vector<store::KeyRow> keys;
  };
  Result<> read(soci::session& sql, Rows& rows) const {
    rows = {store::all_users(sql), store::all_keys(sql)};
    if (!rows.users.empty() || !options.keep_first_key) return {};
    const auto now = now_text();
    store::UserRow admin{.username = "admin",
                         .password = "",
                         .role = std::string(to_string(Role::admin)),
                         .created = now,
                         .updated = now};
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

  // `done` is told when that has been done.
  void load(Done<> done) {
    const auto rows = std::make_shared<Rows>();
    auto work = [self = shared_from_this(), rows](soci::session& sql) -> Result<> {
      return self->book.is_loaded() ? Result<>() : self->read(sql, *rows);
    };
    // On the thread that writes, so that it comes before or after each change.
    database.write(std::move(work), [self = shared_from_this(), rows, done = std::move(done)](Result<> read) {
      if (read && !self->book.is_loaded()) self->book.load(std::move(rows->users), std::move(rows->keys));
      done(std::move(read));
    });
  }

  Result<> check_loaded() {
    if (book.is_loaded()) return {};
    if (!loading.exchange(true)) {
      load([self = shared_from_this()](const Result<>&) { self->loading = false; });
    }
    return failure(Code::unavailable, "the accounts cannot be read at the moment");
  }

  // Runs `task` with the hash of a password; or tells the error.
  template <typename Task, typename Fail>
  void with_hash(std::string password, Task task, Fail fail) {
    if (auto good = identity::check_password(password); !good) return fail(std::move(good.error()));
    const auto self = shared_from_this();
    const bool taken = passwords.post([self, password = std::move(password), task, fail] {
      auto hash = hash_password(password, self->options.cost);
      hash ? task(std::move(*hash)) : fail(std::move(hash.error()));
    });
    if (!taken)
      fail({.code = Code::busy,
            .message = "too many passwords wait to be checked",
            .retry_after = std::chrono::seconds(1)});
  }

  // A change of the database: `work` makes it, and `then`, on the same thread, tells the memory and whoever waits.
  template <typename T, typename Work, typename Then>
  void change(Work work, Then then, Done<T> done) {
    if (auto loaded = check_loaded(); !loaded) return done(tl::unexpected<Error>(loaded.error()));
    database.write(std::move(work), [then = std::move(then), done = std::move(done)](Result<> result) {
      if (!result) return done(tl::unexpected<Error>(std::move(result.error())));
      then(done);
    });
  }

  // nullopt: a new user.
  void write(std::optional<std::int64_t> id, UserChange wanted, Actor actor, Done<User> done) {
    if (auto good = check(wanted, !id); !good) return done(tl::unexpected<Error>(good.error()));
    if (!wanted.password) return write_user(id, std::move(wanted), "", std::move(actor), std::move(done));
    auto password = *std::exchange(wanted.password, "");  // that it changes stays known
    with_hash(
        std::move(password),
        [self = shared_from_this(), id, wanted = std::move(wanted), actor = std::move(actor), done](std::string hash) {
          self->write_user(id, wanted, std::move(hash), actor, done);
        },
        [done](Error error) { done(failure(std::move(error))); });
  }

  void write_user(std::optional<std::int64_t> id, UserChange wanted, std::string hash, Actor actor, Done<User> done) {
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
      is_new ? store::insert(sql, *row) : store::update(sql, *row);
      audit(sql, actor, is_new ? "user.create" : "user.change", target_of_user(row->id), describe(wanted));
      return {};
    };
    auto then = [self = shared_from_this(), row](const Done<User>& told) {
      self->book.put(*row);
      told(view_of(read_row(*row)));
    };
    change<User>(std::move(work), std::move(then), std::move(done));
  }

  store::Database& database;
  const Options options;
  AccountBook book;
  std::atomic<bool> loading = false;
  // Of nobody's password, so that checking one of somebody who is not there takes as long.
  std::string decoy;
  TaskThreads passwords;  // last: its tasks use the others
};

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
  if (user == nullptr || !user->row.enabled || !key->row.enabled) return unknown_key();
  const auto now = state_->options.now();
  if (key->expires && now >= *key->expires) return unknown_key();
  auto principal = principal_of(*user);
  principal.key_id = key->row.id;
  principal.narrowed_to = key->rights;
  principal.key_quota = key->quota;
  if (state_->book.note_use(key, now)) {
    state_->database.write(
        [id = key->row.id, when = store::time_text(now)](soci::session& sql) -> Result<> {
          store::set_last_used(sql, id, when);
          return {};
        },
        [](const Result<>&) {});  // the next minute tries again
  }
  return principal;
}

Result<Principal> Accounts::find_user(std::int64_t id, std::int64_t token_issued) const {
  if (auto loaded = state_->check_loaded(); !loaded) return tl::unexpected<Error>(loaded.error());
  const auto user = state_->book.user(id);
  if (user == nullptr || !user->row.enabled || token_issued < user->row.tokens_after) return unknown_token();
  return principal_of(*user);
}

void Accounts::check_password(std::string username, std::string password, Done<Principal> done) {
  if (auto loaded = state_->check_loaded(); !loaded) return done(tl::unexpected<Error>(loaded.error()));
  const bool taken =
      state_->passwords.post([state = state_, username = std::move(username), password = std::move(password), done] {
        const auto user = state->book.user(username);
        const bool has_password = user != nullptr && !user->row.password.empty();
        const bool fits = verify_password(has_password ? user->row.password : state->decoy, password);
        if (!fits || !has_password || !user->row.enabled) return done(wrong_password());
        done(principal_of(*user));
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
  auto then = [state = state_, id](const Done<>& told) {
    state->book.remove_user(id);
    told({});
  };
  state_->change<void>(std::move(work), std::move(then), std::move(done));
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
  auto then = [state = state_, row, secret](const Done<NewKey>& told) {
    state->book.put(*row);
    told(NewKey{view_of(read_row(*row)), secret->secret});
  };
  state_->change<NewKey>(std::move(work), std::move(then), std::move(done));
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
    store::update(sql, *row);
    audit(sql, actor, "key.change", target_of_key(id), describe(wanted));
    return {};
  };
  auto then = [state = state_, row](const Done<Key>& told) {
    state->book.put(*row);
    told(view_of(read_row(*row)));
  };
  state_->change<Key>(std::move(work), std::move(then), std::move(done));
}

void Accounts::remove_key(std::int64_t id, Actor actor, Done<> done) {
  auto work = [state = state_, id, actor = std::move(actor)](soci::session& sql) -> Result<> {
    const auto key = state->book.key(id);
    if (key == nullptr) return no_key(id);
    store::remove_key(sql, id);
    audit(sql, actor, "key.remove", target_of_key(id), json::ObjectText().text("prefix", key->row.prefix).done());
    return {};
  };
  auto then = [state = state_, id](const Done<>& told) {
    state->book.remove_key(id);
    told({});
  };
  state_->change<void>(std::move(work), std::move(then), std::move(done));
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
