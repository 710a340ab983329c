// SPDX-License-Identifier: Apache-2.0
// AccountBook: users and keys in memory, by what they are looked up by.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "identity/accounts.h"
#include "store/accounts.h"

namespace berth::identity {

// A row, and what is read from it once.
struct UserEntry {
  store::UserRow row;
  Role role = Role::viewer;
  std::shared_ptr<const Rights> rights;  // null: the role's
  std::shared_ptr<const Quota> quota;    // null: none
};
struct KeyEntry {
  store::KeyRow row;
  std::shared_ptr<const Rights> rights;
  std::shared_ptr<const Quota> quota;
  std::optional<Time> expires;
  std::optional<Time> last_used;
};
using UserPtr = std::shared_ptr<const UserEntry>;
using KeyPtr = std::shared_ptr<const KeyEntry>;

// What Berth did not write (a role that is none, broken rights) leaves its owner without rights.
UserEntry read_row(store::UserRow row);
KeyEntry read_row(store::KeyRow row);
User view_of(const UserEntry& entry);
Key view_of(const KeyEntry& entry);

// Thread-safe. [any]
class AccountBook {
 public:
  bool is_loaded() const;
  void load(std::vector<store::UserRow> users, std::vector<store::KeyRow> keys);

  UserPtr user(std::int64_t id) const;  // null: there is none; likewise below
  UserPtr user(std::string_view name) const;
  KeyPtr key(std::int64_t id) const;
  KeyPtr key_by_hash(const std::string& hash) const;
  std::vector<UserPtr> users() const;  // by id
  std::vector<KeyPtr> keys(std::int64_t user_id) const;
  // Enabled admins besides that one.
  std::size_t other_admins(std::int64_t id) const;

  void put(store::UserRow row);
  void put(store::KeyRow row);
  void remove_user(std::int64_t id);
  void remove_key(std::int64_t id);
  // Whether this minute's use of that key is still to be noted; it then is. `key` is what was looked up.
  bool note_use(const KeyPtr& key, Time when);

 private:
  mutable Mutex mutex_;
  bool loaded_ BERTH_GUARDED_BY(mutex_) = false;
  std::map<std::int64_t, UserPtr> users_ BERTH_GUARDED_BY(mutex_);
  std::map<std::string, UserPtr, std::less<>> by_name_ BERTH_GUARDED_BY(mutex_);
  std::map<std::int64_t, KeyPtr> keys_ BERTH_GUARDED_BY(mutex_);
  std::unordered_map<std::string, KeyPtr> by_hash_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::identity
