// SPDX-License-Identifier: Apache-2.0
// Principal: who calls, and what they may do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "identity/quota.h"
#include "identity/rights.h"

namespace berth::identity {

// viewer: sees what an admin sees, and changes nothing. user: predicts with every model unless rights say otherwise.
// admin: may do everything.
enum class Role : std::uint8_t { anonymous, viewer, user, admin };
std::string_view to_string(Role role);
// Not "anonymous": nobody is given that.
std::optional<Role> parse_role(std::string_view name);

// What a role may do where nobody says otherwise; anonymous: nothing.
const Rights& rights_of(Role role);

// A value: what was true of somebody when they called.
struct Principal {
  std::int64_t user_id = 0;  // 0: nobody's
  std::int64_t key_id = 0;   // 0: not by a key of the database's
  std::string name = "anonymous";
  std::string address = {};  // where the call came from
  Role role = Role::anonymous;
  std::int64_t tokens_after = 0;                   // seconds since 1970; a token that was issued before is no good
  std::shared_ptr<const Rights> rights = {};       // null: as the role has them
  std::shared_ptr<const Rights> narrowed_to = {};  // by the key; null: not at all
  std::string deployment = {};                     // a token that is good for one deployment only
  std::shared_ptr<const Quota> user_quota = {};    // null: none of their own
  std::shared_ptr<const Quota> key_quota = {};

  bool is_known() const { return role != Role::anonymous; }
};

// Admins may do everything, unless a key of theirs is narrower. [any]
bool may(const Principal& principal, Right right, std::string_view model);

// What shares a count or sticks to a version: "user 5", "key 7", "address 10.0.0.1".
std::string subject_of(const Principal& principal);

}  // namespace berth::identity
