// SPDX-License-Identifier: Apache-2.0
// AccessGuard: asks of each request who sends it, and whether such a one may use the route.
#pragma once

#include <string_view>

#include "core/recorder.h"
#include "http/router.h"
#include "identity/gate.h"

namespace berth::dialects {

// What the router asks before each handler; it notes the caller in the request, and counts it for their quotas, whose
// RateLimit fields the answer then has. `gate` must outlive it. On a route that is open to all a credential is not
// looked at, and nothing counted.
http::Guard make_access_guard(identity::Gate& gate);

// The two steps of a guard once it is known who calls; dialects with a guard of their own take them, too.
// unauthenticated: nobody is known, but has to be; forbidden: what `access` asks for is more than they may. `model` is
// what the route's {model} names. [any]
Result<> check_access(const identity::Principal& caller, http::Access access, std::string_view model);
// Counts the request for the caller's quotas, and for the model's where `model` names one, and notes them in it. What
// is left of the quotas stands in the answer, also where this is throttled or too_large. [io]
Result<> admit_caller(identity::Gate& gate, identity::Principal caller, std::string_view model, http::Request& request,
                      http::Reply& reply);

// Whom the guard took the sender for. For handlers of routes that are not open; a programming error elsewhere (throws
// std::logic_error).
const identity::Principal& caller_of(const http::Request& request);

// Who calls, for the record of what they ask; `dialect` is a literal.
core::RecordNote record_of(const http::Request& request, std::string_view dialect);

// Whether a request comes from a program on this machine, and nobody passed it on for somebody unknown. [any]
bool is_local(const http::Request& request);

}  // namespace berth::dialects
