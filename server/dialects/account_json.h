// SPDX-License-Identifier: Apache-2.0
// How users, keys and the audit log are written as JSON, and what an admin's JSON asks of them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/accounts.h"

namespace berth::dialects {

std::string to_json(const identity::User& user);
std::string to_json(const identity::Key& key);
// With the secret, which is not told again.
std::string to_json(const identity::NewKey& key);
std::string to_json(const store::AuditEntry& entry);
std::string to_json(const store::AuditVerdict& verdict);

// invalid_argument names the member: one that is not known, or is not what it has to be. [any]
Result<identity::UserChange> read_user(std::string_view text);
Result<identity::KeyChange> read_key(std::string_view text);

struct Login {
  std::string username;
  std::string password;
};
Result<Login> read_login(std::string_view text);

}  // namespace berth::dialects
