// SPDX-License-Identifier: Apache-2.0
#include "identity/principal.h"

#include <array>

namespace berth::identity {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::anonymous: return "anonymous";
    case Role::viewer: return "viewer";
    case Role::user: return "user";
    case Role::admin: return "admin";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const auto role : {Role::viewer, Role::user, Role::admin}) {
    if (name == to_string(role)) return role;
  }
  return std::nullopt;
}

const Rights& rights_of(Role role) {
  static const std::array<Rights, 4> kRights{Rights(), Rights(), Rights::on_all({Right::predict}),
                                             Rights::on_all({Right::predict, Right::train, Right::manage})};
  return kRights.at(static_cast<std::size_t>(role));
}

bool may(const Principal& principal, Right right, std::string_view model) {
  if (principal.narrowed_to != nullptr && !principal.narrowed_to->has(right, model)) return false;
  if (principal.role == Role::admin || principal.rights == nullptr) return rights_of(principal.role).has(right, model);
  return principal.rights->has(right, model);
}

std::string subject_of(const Principal& principal) {
  if (principal.key_id != 0) return "key " + std::to_string(principal.key_id);
  if (principal.user_id != 0) return "user " + std::to_string(principal.user_id);
  return "address " + principal.address;
}

}  // namespace berth::identity
