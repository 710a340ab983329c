// SPDX-License-Identifier: Apache-2.0
// DetailReply: failures as services on FastAPI word them: {"detail": a text, or a list of what is wrong with the body}.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/response.h"
#include "http/router.h"

namespace berth::dialects {

// {"detail":"…"}
http::Response detail_reply(int status, std::string_view detail);
// The error's status and message, as every dialect has them. `model` may be empty.
http::Response detail_error(const Error& error, std::string_view model, std::string_view request_id);
// For a group of paths whose failures all look like this.
http::RoutingErrors detail_routing_errors();

// Where in a body something stands: BodyPlace().at("images").at(3) is ["body","images",3].
class BodyPlace {
 public:
  BodyPlace at(std::string_view member) const;
  BodyPlace at(std::size_t index) const;
  std::string json() const { return path_ + "]"; }

 private:
  std::string path_ = "[\"body\"";
};

// What is wrong with a body, as pydantic lists it; the first hundred, for a body can be wrong in a million places.
class BodyErrors {
 public:
  void add(const BodyPlace& where, std::string_view message, std::string_view type);
  void missing(const BodyPlace& where) { add(where, "field required", "value_error.missing"); }

  bool empty() const { return count_ == 0; }
  // 422 {"detail":[{"loc":["body","images"],"msg":"field required","type":"value_error.missing"}]}
  http::Response reply() const;

 private:
  std::size_t count_ = 0;
  std::string list_;
};

}  // namespace berth::dialects
