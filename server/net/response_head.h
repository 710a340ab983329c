// SPDX-License-Identifier: Apache-2.0
// ResponseHead: the status line and headers of a response, as bytes.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "http/response.h"

namespace berth::net {

// The Date header's value, formatted once a second. [io]
class DateText {
 public:
  std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

// What the connection adds to a response.
struct ResponseContext {
  std::string_view request_id;
  std::string_view date;
  bool close = false;
  bool http_1_0 = false;  // keep-alive must then be said
};

// Whether a response of that status may have a body (RFC 9110 §6.4.1).
bool may_have_body(int status);

// Headers of the response that this layer writes itself, or that would break the message apart (a control character in
// a name or value), are left out. A status outside 200..599 becomes 500.
std::string serialise_head(const http::Response& response, const ResponseContext& context);

}  // namespace berth::net
