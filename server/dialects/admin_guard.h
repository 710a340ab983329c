// SPDX-License-Identifier: Apache-2.0
// AdminGuard: who may use the routes below /v2/berth, and /metrics, as long as nobody has an account: programs on this
// machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/request.h"
#include "http/response.h"

namespace berth::dialects {

struct AdminAccess {
  // Names in a Host header, besides localhost and IP addresses; lower or upper case, without port.
  std::vector<std::string> allowed_hosts = {};
  bool allow_forwarded = false;  // calls that a proxy on this machine passed on, nobody trusted said for whom
};

// The 403 for a request that is not this machine's own; nullopt lets it through. Besides the peer's address it looks at
// what a loopback connection hides: a browser that a foreign page's name led here (DNS rebinding) shows that name in
// Host, a page that sends from elsewhere (cross-site request forgery) its Origin, and a proxy that speaks for somebody
// else says so in its headers. A proxy that the operator trusts says for whom, and that client's address, scheme and
// host then are what is looked at. [io]
std::optional<http::Response> refuse_stranger(const http::Request& request, const AdminAccess& access);

}  // namespace berth::dialects
