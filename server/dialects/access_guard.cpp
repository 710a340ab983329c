// SPDX-License-Identifier: Apache-2.0
#include "dialects/access_guard.h"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "http/address.h"

namespace berth::dialects {
namespace {

using http::Access;
using identity::Principal;
using identity::Role;

constexpr std::array<std::string_view, 5> kForwarding = {"forwarded", "x-forwarded-for", "x-forwarded-host",
                                                         "x-real-ip", "via"};

bool may_use(const Principal& caller, Access access, std::string_view model) {
  switch (access) {
    case Access::open:
    case Access::caller: return true;
    case Access::known: return caller.is_known();
    case Access::watch: return caller.role == Role::viewer || caller.role == Role::admin;
    case Access::manage: return caller.is_known() && identity::may(caller, identity::Right::manage, model);
    case Access::admin: return caller.role == Role::admin && caller.narrowed_to == nullptr;
  }
  return false;
}

tl::unexpected<Error> refuse(const Principal& caller, Access access) {
  if (!caller.is_known()) return failure(Code::unauthenticated, "a key or token is needed");
  if (access == Access::manage) return failure(Code::forbidden, "the right to manage this model is needed");
  if (access == Access::watch) return failure(Code::forbidden, "viewers and admins alone may see this");
  return failure(Code::forbidden, "admins alone may do this");
}

}  // namespace

bool is_local(const http::Request& request) {
  if (!http::is_loopback(request.peer)) return false;
  // A loopback address that a trusted proxy named is this machine's only where the proxy is on it, too.
  if (!request.proxy.empty()) return http::is_loopback(request.proxy);
  return std::ranges::none_of(request.headers, [](const auto& header) {
    return std::ranges::find(kForwarding, header.first) != kForwarding.end();
  });
}

http::Guard make_access_guard(identity::Gate& gate) {
  return [&gate](http::Request& request, const http::PathParams& params, Access access) -> Result<> {
    if (access == Access::open) return {};
    auto caller = gate.identify({.authorization = request.header("authorization"),
                                 .x_api_key = request.header("x-api-key"),
                                 .address = request.peer,
                                 .is_local = is_local(request)});
    if (!caller) return tl::unexpected<Error>(caller.error());
    // A token of one deployment opens that deployment's routes, which ask for themselves, and nothing else.
    if (!caller->deployment.empty()) return failure(Code::forbidden, "this token is for a deployment alone");
    if (!may_use(*caller, access, params["model"])) return refuse(*caller, access);
    request.caller = std::make_shared<const Principal>(std::move(*caller));
    return {};
  };
}

const Principal& caller_of(const http::Request& request) {
  if (request.caller == nullptr) throw std::logic_error("nobody asked who calls");
  return *request.caller;
}

}  // namespace berth::dialects
