// SPDX-License-Identifier: Apache-2.0
// Base64: bytes as text, RFC 4648's standard alphabet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth {

// White space between the characters is ignored, as encoders break lines; anything else that is not of the alphabet, or
// padding that is missing or not at the end: nullopt. [any]
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace berth
