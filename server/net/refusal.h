// SPDX-License-Identifier: Apache-2.0
// Refusal: why the network layer itself answers a request, as the client is told.
#pragma once

#include <string_view>

#include "http/response.h"

namespace berth::net {

struct Refusal {
  int status = 400;
  std::string_view message;  // a literal
};

// JSON {"message": …}; a 503 says when to try again.
http::Response to_response(const Refusal& refusal);

}  // namespace berth::net
