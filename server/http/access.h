// SPDX-License-Identifier: Apache-2.0
// Access: what somebody must be to use a route. Every route says it; who somebody is, the router's guard tells.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace berth::http {

enum class Access : std::uint8_t {
  open,    // nobody is asked: health, logging in, the API's page
  caller,  // whom the guard lets in at all; what they may do with a model is asked where the model is known
  known,   // whoever says who they are
  watch,   // viewers and admins: it shows what they alone see, and changes nothing
  manage,  // whoever may manage the model that the route's {model} names
  admin,
};

constexpr std::string_view to_string(Access access) {
  constexpr std::array<std::string_view, 6> kNames{"open", "caller", "known", "watch", "manage", "admin"};
  return kNames[static_cast<std::size_t>(access)];
}

}  // namespace berth::http
