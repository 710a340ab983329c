// SPDX-License-Identifier: Apache-2.0
// AuditLog: what admins did and who logged in, each entry bound to all before it, so that none can be changed
// unnoticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soci {
class session;
}

namespace berth::store {

// All of these run in a Database::Work, on the database's threads, and throw soci::soci_error.

struct AuditEntry {
  std::int64_t id = 0;       // 1, 2, 3, …
  std::string created = {};  // row.h's text
  std::string actor;         // "admin", "admin key 3", "anonymous"
  std::string address;
  std::string action;  // "user.create"
  std::string target;  // "user 5"
  std::string detail_json = "{}";
  std::string hash = {};  // see hash_of
};

// SHA-256, in hex, of the previous entry's hash (64 zeros before the first), a line feed, and the entry as a JSON
// array: [id,"created","actor","address","action","target","detail"]. [any]
std::string hash_of(const AuditEntry& entry, const std::string& previous);

// Adds it, with its id, time and hash.
void append(soci::session& sql, AuditEntry entry);

// At most `count` with an id below `before` (0: the newest), newest first.
std::vector<AuditEntry> newest(soci::session& sql, std::int64_t before, std::size_t count);

// The first entry that is not as it was when it was added, or that is missing; nullopt where there is none. Entries cut
// off at the end leave no trace: compare `count` and the last hash with what you noted elsewhere.
struct AuditVerdict {
  std::optional<std::int64_t> first_altered;
  std::int64_t count = 0;
  std::string last_hash;
};
AuditVerdict verify(soci::session& sql);

}  // namespace berth::store
