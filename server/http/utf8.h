// SPDX-License-Identifier: Apache-2.0
// UTF-8: whether bytes are text, so that nothing else gets into JSON, logs and file names.
#pragma once

#include <string>
#include <string_view>

namespace berth::http {

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

// The bytes read as ISO-8859-1.
std::string latin1_to_utf8(std::string_view bytes);

}  // namespace berth::http
