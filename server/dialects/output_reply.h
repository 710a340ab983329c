// SPDX-License-Identifier: Apache-2.0
// OutputReply: a model's output as an HTTP body, for the dialects that send it bare.
#pragma once

#include <string>
#include <string_view>

#include "hosting/call.h"
#include "http/response.h"

namespace berth::dialects {

// The file with its content type, or with `content_type` where that is not empty. A type that is no type becomes
// application/octet-stream: it comes from a plugin, and ends in a header.
http::Response file_reply(const hosting::Output& output, std::string_view content_type);

// Says which version answered, in X-Model-Version; nothing where none did.
http::Response with_version(http::Response response, std::string_view version);

// The JSON, or the text as a JSON string; tensors are described, not sent.
std::string json_text_of(const hosting::Output& output);

}  // namespace berth::dialects
