// SPDX-License-Identifier: Apache-2.0
// Identifiers: random ones for requests and trainings, and the check of one that a client sends.
#pragma once

#include <string>
#include <string_view>

namespace berth {

// 32 lower-case hex digits of a random UUID (version 4, RFC 9562), without hyphens. [any]
std::string random_hex_id();

// Whether a client's X-Request-Id may be taken over: 1 to 128 characters of A–Z a–z 0–9 . _ - : / + = @
bool is_sane_request_id(std::string_view id);

}  // namespace berth
