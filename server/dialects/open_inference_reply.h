// SPDX-License-Identifier: Apache-2.0
// How the Open Inference Protocol says things: its errors, and the answer to an infer request.
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"
#include "dialects/open_inference_request.h"
#include "hosting/call.h"
#include "http/response.h"

namespace berth::dialects::open_inference {

// {"error":"…"}
http::Response error_reply(int status, std::string_view message);
// The table of its errors: unknown 404, not ready 503, unsupported 501, internal 500, the client's own 400; a status
// that the model chose stays.
http::Response error_reply(const Error& error, std::string_view model, std::string_view request_id);

// The outputs that were asked for, in that order and form; `context` names model and request. invalid_argument: the
// model gave no such output, or it cannot be said in JSON.
Result<http::Response> infer_reply(const InferRequest& request, std::string_view version, const hosting::Output& output,
                                   const log::Context& context);

}  // namespace berth::dialects::open_inference
