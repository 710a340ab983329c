// SPDX-License-Identifier: Apache-2.0
// How DEEPaaS V2 says things: its JSON, its errors and the record of a training.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "dialects/request_fields.h"
#include "http/response.h"
#include "training/trainings.h"

namespace berth::dialects::v2 {

http::Response json_reply(std::string text);  // 200

// The table of V2's errors: unknown names are text, bad arguments their fields, all else a message and the request id.
http::Response error_reply(const Error& error, std::string_view model, std::string_view request_id);
http::Response error_reply(const BadBody& error, std::string_view request_id);

http::Response not_found();
http::Response payment_required();

// One training as JSON text.
std::string training_text(const training::Training& training);

}  // namespace berth::dialects::v2
