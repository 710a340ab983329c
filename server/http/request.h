// SPDX-License-Identifier: Apache-2.0
// Request: one HTTP request as the rest of the server sees it, whole and already within the limits of the network
// layer.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace berth::identity {
struct Principal;
}

namespace berth::http {

// Name/value pairs in the order of the wire; names may repeat.
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // as sent: "GET"
  std::string target;  // as sent: path and query, still encoded
  std::string path;    // percent-decoded; repeated slashes are kept, a NUL or bad encoding was refused with 400
  Pairs query;         // percent-decoded, '+' is a space, repeated keys kept
  Pairs headers;       // names in lower case, values trimmed
  Bytes body;          // the bytes as they were read; never copied after that
  std::string peer;    // the client's address without its port: "127.0.0.1"; see forwarding.h
  std::string id;      // the X-Request-Id: the client's where it is sane, else a new one
  std::shared_ptr<const identity::Principal> caller;  // whom the router's guard took the sender for; null before
  std::chrono::steady_clock::time_point received;     // when the first byte came

  // Set where a proxy that the operator trusts named the peer, which then is nobody's connection to this server.
  std::string proxy;           // whose connection it is
  std::string scheme;          // how the client reached the first such proxy: "http", "https"; "" where none said
  std::string forwarded_host;  // what it had in Host there; "" where none said

  // The first header of that name (lower case). The view lives as long as the request.
  std::optional<std::string_view> header(std::string_view name) const;
  // What the client called the server by, with the port if it named one: the forwarded host, or else Host; "" where
  // there is none.
  std::string_view host() const;
  // Content-Type without parameters, in lower case; "" where there is none.
  std::string media_type() const;
};

}  // namespace berth::http
