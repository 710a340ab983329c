// SPDX-License-Identifier: Apache-2.0
#include "identity/account_book.h"

#include <algorithm>
#include <utility>

#include "base/utc.h"
#include "store/row.h"

namespace berth::identity {
namespace {

// Null where it says nothing. What cannot be read allows nothing.
std::shared_ptr<const Rights> read_rights(const std::string& text) {
  auto rights = Rights::parse(text);
  if (!rights) return std::make_shared<const Rights>(Rights::on_all({}));
  return rights->empty() ? nullptr : std::make_shared<const Rights>(std::move(*rights));
}

// What cannot be read limits nothing.
std::shared_ptr<const Quota> read_quota(const std::string& text) {
  const auto quota = Quota::parse(text);
  return !quota || quota->is_unlimited() ? nullptr : std::make_shared<const Quota>(*quota);
}

std::optional<Time> read_time(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return parse_utc(*text).value_or(Time{});  // long ago
}

}  // namespace

UserEntry read_row(store::UserRow row) {
  UserEntry entry;
  const auto role = parse_role(row.role);
  entry.role = role.value_or(Role::viewer);
  entry.rights = role ? read_rights(row.rights_json) : std::make_shared<const Rights>(Rights::on_all({}));
  entry.quota = read_quota(row.quota_json);
  entry.row = std::move(row);
  return entry;
}

KeyEntry read_row(store::KeyRow row) {
  KeyEntry entry;
  entry.rights = read_rights(row.rights_json);
  entry.quota = read_quota(row.quota_json);
  entry.expires = read_time(row.expires);
  entry.last_used = read_time(row.last_used);
  entry.row = std::move(row);
  return entry;
}

User view_of(const UserEntry& entry) {
  return {.id = entry.row.id,
          .username = entry.row.username,
          .email = entry.row.email,
          .role = entry.role,
          .enabled = entry.row.enabled,
          .rights = entry.rights == nullptr ? Rights() : *entry.rights,
          .quota_json = entry.row.quota_json,
          .created = entry.row.created,
          .updated = entry.row.updated};
}

Key view_of(const KeyEntry& entry) {
  return {.id = entry.row.id,
          .user_id = entry.row.user_id,
          .name = entry.row.name,
          .prefix = entry.row.prefix,
          .enabled = entry.row.enabled,
          .rights = entry.rights == nullptr ? Rights() : *entry.rights,
          .quota_json = entry.row.quota_json,
          .expires = entry.row.expires,
          .last_used = entry.row.last_used,
          .created = entry.row.created,
          .updated = entry.row.updated};
}

bool AccountBook::is_loaded() const {
  const Lock lock(mutex_);
  return loaded_;
}

void AccountBook::load(std::vector<store::UserRow> users, std::vector<store::KeyRow> keys) {
  for (auto& row : users) put(std::move(row));
  for (auto& row : keys) put(std::move(row));
  const Lock lock(mutex_);
  loaded_ = true;
}

UserPtr AccountBook::user(std::int64_t id) const {
  const Lock lock(mutex_);
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : found->second;
}

UserPtr AccountBook::user(std::string_view name) const {
  const Lock lock(mutex_);
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

KeyPtr AccountBook::key(std::int64_t id) const {
  const Lock lock(mutex_);
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : found->second;
}

KeyPtr AccountBook::key_by_hash(const std::string& hash) const {
  const Lock lock(mutex_);
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? nullptr : found->second;
}

std::vector<UserPtr> AccountBook::users() const {
  const Lock lock(mutex_);
  std::vector<UserPtr> all;
  for (const auto& [id, user] : users_) all.push_back(user);
  return all;
}

std::vector<KeyPtr> AccountBook::keys(std::int64_t user_id) const {
  const Lock lock(mutex_);
  std::vector<KeyPtr> theirs;
  for (const auto& [id, key] : keys_) {
    if (key->row.user_id == user_id) theirs.push_back(key);
  }
  return theirs;
}

std::size_t AccountBook::other_admins(std::int64_t id) const {
  const Lock lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(users_, [id](const auto& each) {
    return each.first != id && each.second->role == Role::admin && each.second->row.enabled;
  }));
}

void AccountBook::put(store::UserRow row) {
  auto entry = std::make_shared<const UserEntry>(read_row(std::move(row)));
  const Lock lock(mutex_);
  by_name_[entry->row.username] = entry;
  users_[entry->row.id] = std::move(entry);
}

void AccountBook::put(store::KeyRow row) {
  auto entry = std::make_shared<const KeyEntry>(read_row(std::move(row)));
  const Lock lock(mutex_);
  by_hash_[entry->row.hash] = entry;
  keys_[entry->row.id] = std::move(entry);
}

void AccountBook::remove_user(std::int64_t id) {
  const Lock lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) return;
  by_name_.erase(found->second->row.username);
  users_.erase(found);
  std::erase_if(by_hash_, [id](const auto& each) { return each.second->row.user_id == id; });
  std::erase_if(keys_, [id](const auto& each) { return each.second->row.user_id == id; });
}

void AccountBook::remove_key(std::int64_t id) {
  const Lock lock(mutex_);
  const auto found = keys_.find(id);
  if (found == keys_.end()) return;
  by_hash_.erase(found->second->row.hash);
  keys_.erase(found);
}

bool AccountBook::note_use(const KeyPtr& key, Time when) {
  const auto minute = [](Time time) { return std::chrono::floor<std::chrono::minutes>(time); };
  if (key->last_used && minute(*key->last_used) == minute(when)) return false;
  auto entry = std::make_shared<KeyEntry>(*key);
  entry->last_used = when;
  entry->row.last_used = store::time_text(when);
  const Lock lock(mutex_);
  const auto found = keys_.find(key->row.id);
  // Somebody else noted it, or changed or removed the key.
  if (found == keys_.end() || found->second != key) return false;
  by_hash_[entry->row.hash] = entry;
  found->second = std::move(entry);
  return true;
}

}  // namespace berth::identity
