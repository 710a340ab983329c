// SPDX-License-Identifier: Apache-2.0
// AdminError: how the operator's routes say that something failed: with the reason, whatever it is.
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/response.h"
#include "identity/principal.h"

namespace berth::dialects {

// {"message","request_id"}; an admin is told what others only find in the log. `model` may be empty.
http::Response admin_error(const Error& error, std::string_view model, std::string_view request_id);

// The same on a route that others use, too: why the database cannot be used, or what broke, is for admins alone, and
// for the log.
http::Response admin_error_for(const identity::Principal& caller, const Error& error, std::string_view request_id);

}  // namespace berth::dialects
