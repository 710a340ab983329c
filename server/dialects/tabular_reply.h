// SPDX-License-Identifier: Apache-2.0
// How the tabular API says that something worked, or did not.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/response.h"
#include "http/router.h"

namespace berth::dialects::tabular {

// {"message":…}
http::Response message_reply(int status, std::string_view message);

// The table of its errors: what is wrong with a request is 400 with `errors`, name → messages; nobody is 401 with
// `error`; all else a message. `names`: of the fields that a message may be about, which then stands under the name
// that it begins with.
http::Response error_reply(const Error& error, std::string_view model, std::string_view request_id,
                           std::span<const std::string> names = {});

// What its paths say where nothing else does.
http::RoutingErrors routing_errors();

}  // namespace berth::dialects::tabular
