// SPDX-License-Identifier: Apache-2.0
// The request target: "/path?query", "http://host/path?query" or "*", taken apart.
#pragma once

#include <optional>

#include "http/request.h"
#include "net/refusal.h"

namespace berth::net {

// Whether `text` can be a host with an optional port. The empty host is one.
bool is_host(std::string_view text);

// Fills path and query from target. The absolute form is accepted as RFC 9112 §3.2.2 demands, its authority checked and
// otherwise ignored; "*" is for OPTIONS alone.
std::optional<Refusal> split_target(http::Request& request);

}  // namespace berth::net
