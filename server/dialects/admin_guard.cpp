// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_guard.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/json.h"
#include "base/text.h"
#include "http/address.h"

namespace berth::dialects {
namespace {

constexpr std::array<std::string_view, 5> kForwarding = {"forwarded", "x-forwarded-for", "x-forwarded-host",
                                                         "x-real-ip", "via"};

// The name or address in a Host header, in lower case, without port, brackets and the root's dot; "" where it is none.
std::string host_of(std::string_view header) {
  const bool bracketed = header.starts_with('[');
  const auto end = std::min(header.find(bracketed ? ']' : ':'), header.size());
  auto host = header.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  if (!bracketed && host.ends_with('.')) host.remove_suffix(1);
  return to_lower(host);
}

bool is_ours(const std::string& host, const AdminAccess& access) {
  if (host == "localhost" || http::parse_address(host)) return true;
  return std::ranges::any_of(access.allowed_hosts, [&](const std::string& name) { return to_lower(name) == host; });
}

// Whether a page sent it that came from somewhere else: browsers name a page's origin with what it posts, and a page of
// anybody's may post to this machine without asking.
bool is_of_another_page(const http::Request& request) {
  const auto origin = request.header("origin");
  if (!origin) return false;
  const auto host = to_lower(request.host());
  const auto from = to_lower(*origin);
  const auto is_its_own = [&](std::string_view scheme) {
    return (request.scheme.empty() || request.scheme == scheme) && from == std::string(scheme) + "://" + host;
  };
  return !is_its_own("http") && !is_its_own("https");
}

// A loopback address that a proxy named is this machine's only where the proxy is on it, too.
bool is_on_this_machine(const http::Request& request) {
  return http::is_loopback(request.peer) && (request.proxy.empty() || http::is_loopback(request.proxy));
}

// Whether a proxy passed it on, and nobody who is trusted said for whom.
bool is_for_somebody_unknown(const http::Request& request) {
  const auto tells = [](const auto& header) {
    return std::ranges::find(kForwarding, header.first) != kForwarding.end();
  };
  return request.proxy.empty() && std::ranges::any_of(request.headers, tells);
}

http::Response forbidden(std::string_view why, std::string_view request_id) {
  return http::Response::json(403,
                              "{\"message\":" + json::quote(why) + ",\"request_id\":" + json::quote(request_id) + "}");
}

}  // namespace

std::optional<http::Response> refuse_stranger(const http::Request& request, const AdminAccess& access) {
  if (!is_on_this_machine(request)) {
    return forbidden("Only clients on the server's own machine may see this", request.id);
  }
  if (!is_ours(host_of(request.host()), access)) {
    return forbidden("The Host header names neither an IP address, localhost nor one of admin.allowed_hosts",
                     request.id);
  }
  if (is_of_another_page(request)) {
    return forbidden("A page of another site sent this", request.id);
  }
  if (!access.allow_forwarded && is_for_somebody_unknown(request)) {
    return forbidden("A proxy passed this on for somebody else; admin.allow_forwarded would let it through",
                     request.id);
  }
  return std::nullopt;
}

}  // namespace berth::dialects
