// SPDX-License-Identifier: Apache-2.0
#include "dialects/detail_reply.h"

#include "base/json.h"
#include "base/json_object.h"
#include "dialects/error_status.h"

namespace berth::dialects {
namespace {

constexpr std::size_t kMaxErrors = 100;

}  // namespace

http::Response detail_reply(int status, std::string_view detail) {
  return http::Response::json(status, json::ObjectText().text("detail", detail).done());
}

http::Response detail_error(const Error& error, std::string_view model, std::string_view request_id) {
  return finish_error(detail_reply(status_of(error), message_for_client(error)), error, model, request_id);
}

http::RoutingErrors detail_routing_errors() {
  http::RoutingErrors errors;
  errors.not_found = [] { return detail_reply(404, "Not Found"); };
  errors.method_not_allowed = [](std::string_view) { return detail_reply(405, "Method Not Allowed"); };
  errors.internal = [](std::string_view) { return detail_reply(500, "Internal Server Error"); };
  errors.refused = [](const Error& error, std::string_view id) { return detail_error(error, {}, id); };
  return errors;
}

BodyPlace BodyPlace::at(std::string_view member) const {
  auto place = *this;
  place.path_.append(",").append(json::quote(member));
  return place;
}

BodyPlace BodyPlace::at(std::size_t index) const {
  auto place = *this;
  place.path_.append(",").append(std::to_string(index));
  return place;
}

void BodyErrors::add(const BodyPlace& where, std::string_view message, std::string_view type) {
  if (count_ == kMaxErrors) return;
  if (count_++ > 0) list_ += ',';
  list_ += json::ObjectText().raw("loc", where.json()).text("msg", message).text("type", type).done();
}

http::Response BodyErrors::reply() const {
  std::string list(1, '[');
  list.append(list_).append("]");
  return http::Response::json(422, json::ObjectText().raw("detail", list).done());
}

}  // namespace berth::dialects
