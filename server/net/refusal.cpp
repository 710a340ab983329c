// SPDX-License-Identifier: Apache-2.0
#include "net/refusal.h"

#include <string>

namespace berth::net {

http::Response to_response(const Refusal& refusal) {
  auto response = http::Response::json(refusal.status, R"({"message":")" + std::string(refusal.message) + R"("})");
  if (refusal.status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace berth::net
