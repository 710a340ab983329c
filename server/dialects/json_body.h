// SPDX-License-Identifier: Apache-2.0
// JsonBody: reads a JSON object from a body, and says what is wrong with it as detail_reply.h has it.
#pragma once

#include <string_view>

#include "base/json.h"
#include "dialects/detail_reply.h"
#include "dialects/request_fields.h"
#include "http/request.h"

namespace berth::dialects {

// Whatever Content-Type says. The error is the answer: 422 with a list, or 413. [any]
tl::expected<json::Document, http::Response> read_json_object(const http::Request& request, const BodyLimits& limits);

// The member of an object, where it is there and not null; else `errors` says so, and it is null.
const json::Value* required_member(const json::Value& object, std::string_view name, const BodyPlace& where,
                                   BodyErrors& errors);

}  // namespace berth::dialects
