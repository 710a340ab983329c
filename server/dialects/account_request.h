// SPDX-License-Identifier: Apache-2.0
// What a request about accounts says besides its body: who asks, and about whom.
#pragma once

#include <cstdint>
#include <string_view>

#include "dialects/http_types.h"
#include "identity/accounts.h"

namespace berth::dialects {

// The caller, for the audit log. For handlers of routes that are not open.
identity::Actor actor_of(const Request& request);

// An id, or another number above zero, of a path or query; 0 where it is none. [any]
std::int64_t number_of(std::string_view text);

}  // namespace berth::dialects
