// SPDX-License-Identifier: Apache-2.0
#include "http/response.h"

#include <utility>

namespace berth::http {

Response Response::bytes(int status, std::string_view content_type, Bytes body) {
  return {.status = status, .headers = {{"Content-Type", std::string(content_type)}}, .body = std::move(body)};
}

Response Response::json(int status, std::string text) {
  return bytes(status, "application/json", Bytes(std::move(text)));
}

Response Response::text(int status, std::string text) {
  return bytes(status, "text/plain; charset=utf-8", Bytes(std::move(text)));
}

Response Response::empty(int status) { return {.status = status}; }

Reply& Reply::operator=(Reply&& other) noexcept {
  // What this one held is answered by the old object's destructor.
  Reply old(std::exchange(sink_, std::exchange(other.sink_, nullptr)));
  return *this;
}

Reply::~Reply() {
  if (!sink_) return;
  try {
    send(Response::text(500, "500: Internal Server Error"));
  } catch (...) {  // out of memory; the sink's own destructor is the last to know that nobody answered
  }
}

void Reply::send(Response response) {
  if (const auto sink = std::exchange(sink_, nullptr)) sink->deliver(std::move(response));
}

}  // namespace berth::http
