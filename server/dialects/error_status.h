// SPDX-License-Identifier: Apache-2.0
// ErrorStatus: the HTTP status of each kind of failure, and what every dialect does besides: Retry-After and the log.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/response.h"

namespace berth::dialects {

// The one a model chose, else the code's. invalid_argument is 400; a dialect with another opinion says so itself.
int status_of(const Error& error);

// What the client may read: the error's message, or a neutral text where it is not the model's own and tells
// why something broke (internal) or cannot be had (unavailable).
std::string message_for_client(const Error& error);

// A plugin's text as UTF-8, whatever it was, so that it may stand in JSON.
std::string clean_text(std::string_view text);

// Of a model that the operator named, not the client: that it is not there is `unavailable`.
Error as_configured(Error error);

// Adds Retry-After where trying again helps, and logs what the client is not told. `model` may be empty.
http::Response finish_error(http::Response response, const Error& error, std::string_view model,
                            std::string_view request_id);

}  // namespace berth::dialects
