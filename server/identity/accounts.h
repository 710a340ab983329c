// SPDX-License-Identifier: Apache-2.0
// Accounts: users and their API keys. What is asked of them is answered from memory, what is changed goes to the
// database first, and counts from then on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/passwords.h"
#include "identity/principal.h"
#include "store/audit_log.h"
#include "store/database.h"

namespace berth::identity {

using Time = std::chrono::system_clock::time_point;

// A user as admins see one.
struct User {
  std::int64_t id = 0;
  std::string username;
  std::string email;
  Role role = Role::user;
  bool enabled = true;
  Rights rights = {};  // empty: those of the role
  std::string quota_json = "{}";
  std::string created, updated;  // "2026-11-22T10:00:00.123456Z"
};

struct Key {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string name;
  std::string prefix;
  bool enabled = true;
  Rights rights = {};  // empty: those of its user; else what both allow
  std::string quota_json = "{}";
  std::optional<std::string> expires = {};
  std::optional<std::string> last_used = {};  // to the minute
  std::string created, updated;
};

// What is to be; members that are not set stay.
struct UserChange {
  std::optional<std::string> username = {};  // for a new one only
  std::optional<std::string> password = {};  // ends the tokens that were issued before
  std::optional<std::string> email = {};
  std::optional<Role> role = {};
  std::optional<bool> enabled = {};
  std::optional<Rights> rights = {};
  std::optional<std::string> quota_json = {};
};
struct KeyChange {
  std::optional<std::string> name = {};
  std::optional<bool> enabled = {};
  std::optional<Rights> rights = {};
  std::optional<std::string> quota_json = {};
  std::optional<std::optional<Time>> expires = {};
};

struct NewKey {
  Key key;
  std::string secret;  // shown this once
};

// Who changes something, for the audit log.
struct Actor {
  std::string name;
  std::string address = {};
};

class Accounts {
 public:
  template <typename T = void>
  using Done = std::function<void(Result<T>)>;  // told once, on any thread that must not be kept waiting

  struct Options {
    PasswordCost cost = {};
    std::size_t password_threads = 1;
    std::size_t max_waiting_passwords = 64;  // beyond: busy
    // Where there are no users at all, an admin is made; this puts their key where they find it, or fails, and then
    // there still is none. Called on a thread of the database. Empty: none is made.
    std::function<Result<>(const std::string& secret)> keep_first_key = {};
    std::function<Time()> now = [] { return std::chrono::system_clock::now(); };
    // Told of each hash that a password is compared with, on the thread that does it: for tests.
    std::function<void(const std::string& hash)> on_verify = {};
  };

  // `database` must outlive it.
  Accounts(store::Database& database, Options options);
  ~Accounts();

  // Reads what there is. Until that has worked, everything else is busy; a look-up tries it again by itself. [blocks]
  Result<> load();

  // Whose key that is, and what they may do. unauthenticated: nobody's, expired, or it or its user is disabled. [any]
  Result<Principal> find_key(std::string_view secret);
  // Likewise for whom a token names that was issued then (seconds since 1970), for that key of theirs (0: for none): it
  // is worth what the key is now. [any]
  Result<Principal> find_user(std::int64_t id, std::int64_t token_issued, std::int64_t key_id = 0) const;
  // Checks a password. unauthenticated: it is wrong, or there is no such user, or they are disabled: which of these it
  // is, neither the answer nor the time it takes tells. busy. A good one whose hash was made at another cost is hashed
  // anew afterwards. [any]
  void check_password(std::string username, std::string password, const Done<Principal>& done);

  // Errors: not_found. [any]
  std::vector<User> users() const;
  Result<User> user(std::int64_t id) const;
  Result<User> user(std::string_view username) const;
  std::vector<Key> keys(std::int64_t user_id) const;

  // Errors: invalid_argument (which member, and why), conflict (the name is taken; the last admin who can log in would
  // be gone), not_found, busy, and the database's. The audit log has each. [any]
  void add_user(UserChange user, Actor actor, Done<User> done);
  void change_user(std::int64_t id, UserChange change, Actor actor, Done<User> done);
  void remove_user(std::int64_t id, Actor actor, Done<> done);
  void add_key(std::int64_t user_id, KeyChange key, Actor actor, Done<NewKey> done);
  void change_key(std::int64_t id, KeyChange change, Actor actor, Done<Key> done);
  void remove_key(std::int64_t id, Actor actor, Done<> done);

  // Anything else that the audit log is to have: a login, a model that was loaded. `detail_json` is an object. [any]
  void note(const Actor& actor, std::string action, std::string target, std::string detail_json = "{}");
  // At most `count` entries of the audit log with an id below `before` (0: the newest), newest first. [any]
  void read_audit(std::int64_t before, std::size_t count, Done<std::vector<store::AuditEntry>> done);
  // Whether all of it is as it was written. Reads all of it. [any]
  void verify_audit(Done<store::AuditVerdict> done);

 private:
  struct State;
  std::shared_ptr<State> state_;  // work at the database and on the password threads holds it
};

}  // namespace berth::identity
