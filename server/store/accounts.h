// SPDX-License-Identifier: Apache-2.0
// Accounts: the rows of users and of their API keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace soci {
class session;
}

namespace berth::store {

// All of these run in a Database::Work, on the database's threads, and throw soci::soci_error.

struct UserRow {
  std::int64_t id = 0;
  std::string username;
  std::string password;  // as Argon2id's own text; "": nobody can log in with one
  std::string email = {};
  std::string role = {};
  bool enabled = true;
  std::string rights_json = "{}";
  std::string quota_json = "{}";
  std::int64_t tokens_after = 0;  // tokens issued before (seconds since 1970) count no longer
  std::string created = {}, updated = {};
};

struct KeyRow {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string name;
  std::string prefix;  // its visible beginning
  std::string hash;    // hex
  bool enabled = true;
  std::string rights_json = "{}";
  std::string quota_json = "{}";
  std::optional<std::string> expires = {};
  std::optional<std::string> last_used = {};
  std::string created = {}, updated = {};
};

std::vector<UserRow> all_users(soci::session& sql);
std::vector<KeyRow> all_keys(soci::session& sql);

// Gives them their id; a name that is taken is a constraint_violation.
void insert(soci::session& sql, UserRow& user);
void insert(soci::session& sql, KeyRow& key);
// All columns but id and created. False: there is no such row.
[[nodiscard]] bool update(soci::session& sql, const UserRow& user);
[[nodiscard]] bool update(soci::session& sql, const KeyRow& key);
void set_last_used(soci::session& sql, std::int64_t key_id, const std::string& when);
// With the user's keys.
void remove_user(soci::session& sql, std::int64_t id);
void remove_key(soci::session& sql, std::int64_t id);

}  // namespace berth::store
