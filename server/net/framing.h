// SPDX-License-Identifier: Apache-2.0
// Framing: what a request's headers say about its body and its connection.
#pragma once

#include <cstddef>
#include <optional>

#include "http/request.h"
#include "net/refusal.h"
#include "net/server.h"

namespace berth::net {

struct Framing {
  enum class Body { none, sized, chunked };
  Body body = Body::none;
  std::size_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Reads Host, Content-Length, Transfer-Encoding, Connection and Expect. Whatever two servers could read differently is
// refused: both lengths, a length twice, a transfer coding other than exactly "chunked", a missing or repeated Host.
// `minor_version` is that of HTTP/1.x.
std::optional<Refusal> read_framing(const http::Request& request, int minor_version, const Limits& limits,
                                    Framing& framing);

}  // namespace berth::net
