// SPDX-License-Identifier: Apache-2.0
// Forwarding: whom a request is from, where a proxy that the operator trusts handed it on.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "http/address.h"
#include "http/request.h"

namespace berth::http {

// What trusted proxies say of a request.
struct Forwarding {
  std::string client;  // an address without its port
  std::string scheme;  // "http", "https"; "" where they do not say
  std::string host;    // what the client had in Host; "" where they do not say
  bool operator==(const Forwarding&) const = default;
};

// What X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host, or Forwarded (RFC 7239), tell of a request that `peer`
// sent. The client is the right-most address in the chain that is not itself trusted: what stands left of it the client
// may have written. Where all are trusted it is the left-most. A loopback address that another machine names is that
// machine's own, and the client then is that machine.
//
// nullopt, and nothing is to be believed, where `peer` is not trusted, the headers are absent, the chain breaks off
// before such an address (garbage, "unknown", a hidden name, too many proxies), or both kinds are there and name
// different clients. Scheme and host are those of Forwarded's element that names the client; of X-Forwarded-… where
// each is there once, with one value. [any]
std::optional<Forwarding> read_forwarding(const Pairs& headers, const std::string& peer,
                                          std::span<const Network> trusted);

// Puts what there is to be believed into the request, whose `peer` is the connection's so far.
void apply_forwarding(Request& request, std::span<const Network> trusted);

}  // namespace berth::http
