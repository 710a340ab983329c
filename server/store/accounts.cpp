// SPDX-License-Identifier: Apache-2.0
#include "store/accounts.h"

#include <soci/soci.h>

#include "store/row.h"

namespace berth::store {
namespace {

std::optional<std::string> optional_time(const std::string& text, soci::indicator indicator) {
  return indicator == soci::i_ok ? std::optional(time_text(text)) : std::nullopt;
}

// What SOCI binds where there may be nothing.
struct OptionalText {
  explicit OptionalText(const std::optional<std::string>& from)
      : text(from.value_or("")), indicator(from ? soci::i_ok : soci::i_null) {}
  std::string text;
  soci::indicator indicator;
};

}  // namespace

std::vector<UserRow> all_users(soci::session& sql) {
  UserRow row;
  int enabled = 0;
  soci::statement rows =
      (sql.prepare << "SELECT id, username, password, email, role, enabled, CAST(rights AS TEXT), CAST(quota AS TEXT),"
                      " tokens_after, CAST(created_datetime AS TEXT), CAST(updated_datetime AS TEXT)"
                      " FROM users ORDER BY id",
       soci::into(row.id), soci::into(row.username), soci::into(row.password), soci::into(row.email),
       soci::into(row.role), soci::into(enabled), soci::into(row.rights_json), soci::into(row.quota_json),
       soci::into(row.tokens_after), soci::into(row.created), soci::into(row.updated));
  std::vector<UserRow> users;
  rows.execute();
  while (rows.fetch()) {
    row.enabled = enabled != 0;
    row.created = time_text(row.created);
    row.updated = time_text(row.updated);
    users.push_back(row);
  }
  return users;
}

std::vector<KeyRow> all_keys(soci::session& sql) {
  KeyRow row;
  int enabled = 0;
  std::string expires, last_used;
  soci::indicator has_expires = soci::i_null, has_last_used = soci::i_null;
  soci::statement rows =
      (sql.prepare << "SELECT id, user_id, name, prefix, hash, enabled, CAST(rights AS TEXT), CAST(quota AS TEXT),"
                      " CAST(expires_datetime AS TEXT), CAST(last_used_datetime AS TEXT),"
                      " CAST(created_datetime AS TEXT), CAST(updated_datetime AS TEXT) FROM api_keys ORDER BY id",
       soci::into(row.id), soci::into(row.user_id), soci::into(row.name), soci::into(row.prefix), soci::into(row.hash),
       soci::into(enabled), soci::into(row.rights_json), soci::into(row.quota_json), soci::into(expires, has_expires),
       soci::into(last_used, has_last_used), soci::into(row.created), soci::into(row.updated));
  std::vector<KeyRow> keys;
  rows.execute();
  while (rows.fetch()) {
    row.enabled = enabled != 0;
    row.expires = optional_time(expires, has_expires);
    row.last_used = optional_time(last_used, has_last_used);
    row.created = time_text(row.created);
    row.updated = time_text(row.updated);
    keys.push_back(row);
  }
  return keys;
}

void insert(soci::session& sql, UserRow& user) {
  const int enabled = user.enabled ? 1 : 0;
  sql << "INSERT INTO users (username, password, email, role, enabled, rights, quota, tokens_after, created_datetime,"
         " updated_datetime) VALUES (:username, :password, :email, :role, :enabled, :rights, :quota, :tokens_after,"
         " :created, :updated) RETURNING id",
      soci::use(user.username), soci::use(user.password), soci::use(user.email), soci::use(user.role),
      soci::use(enabled), soci::use(user.rights_json), soci::use(user.quota_json), soci::use(user.tokens_after),
      soci::use(user.created), soci::use(user.updated), soci::into(user.id);
}

void insert(soci::session& sql, KeyRow& key) {
  const int enabled = key.enabled ? 1 : 0;
  OptionalText expires(key.expires);
  sql << "INSERT INTO api_keys (user_id, name, prefix, hash, enabled, rights, quota, expires_datetime,"
         " created_datetime, updated_datetime) VALUES (:user_id, :name, :prefix, :hash, :enabled, :rights, :quota,"
         " :expires, :created, :updated) RETURNING id",
      soci::use(key.user_id), soci::use(key.name), soci::use(key.prefix), soci::use(key.hash), soci::use(enabled),
      soci::use(key.rights_json), soci::use(key.quota_json), soci::use(expires.text, expires.indicator),
      soci::use(key.created), soci::use(key.updated), soci::into(key.id);
}

bool update(soci::session& sql, const UserRow& user) {
  const int enabled = user.enabled ? 1 : 0;
  soci::statement change =
      (sql.prepare << "UPDATE users SET username = :username, password = :password, email = :email, role = :role,"
                      " enabled = :enabled, rights = :rights, quota = :quota, tokens_after = :tokens_after,"
                      " updated_datetime = :updated WHERE id = :id",
       soci::use(user.username), soci::use(user.password), soci::use(user.email), soci::use(user.role),
       soci::use(enabled), soci::use(user.rights_json), soci::use(user.quota_json), soci::use(user.tokens_after),
       soci::use(user.updated), soci::use(user.id));
  change.execute(true);
  return change.get_affected_rows() > 0;
}

bool update(soci::session& sql, const KeyRow& key) {
  const int enabled = key.enabled ? 1 : 0;
  OptionalText expires(key.expires);
  soci::statement change =
      (sql.prepare << "UPDATE api_keys SET name = :name, enabled = :enabled, rights = :rights, quota = :quota,"
                      " expires_datetime = :expires, updated_datetime = :updated WHERE id = :id",
       soci::use(key.name), soci::use(enabled), soci::use(key.rights_json), soci::use(key.quota_json),
       soci::use(expires.text, expires.indicator), soci::use(key.updated), soci::use(key.id));
  change.execute(true);
  return change.get_affected_rows() > 0;
}

void set_last_used(soci::session& sql, std::int64_t key_id, const std::string& when) {
  sql << "UPDATE api_keys SET last_used_datetime = :when WHERE id = :id", soci::use(when), soci::use(key_id);
}

void remove_user(soci::session& sql, std::int64_t id) {
  sql << "DELETE FROM api_keys WHERE user_id = :id", soci::use(id);
  sql << "DELETE FROM users WHERE id = :id", soci::use(id);
}

void remove_key(soci::session& sql, std::int64_t id) { sql << "DELETE FROM api_keys WHERE id = :id", soci::use(id); }

}  // namespace berth::store
