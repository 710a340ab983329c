// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_error.h"

#include <string>
#include <utility>

#include "base/json_object.h"
#include "dialects/access_guard.h"
#include "dialects/error_status.h"

namespace berth::dialects {

namespace {

http::Response worded(std::string_view message, const Error& error, std::string_view model,
                      std::string_view request_id) {
  auto body = json::ObjectText().text("message", message).text("request_id", request_id).done();
  return finish_error(http::Response::json(status_of(error), std::move(body)), error, model, request_id);
}

}  // namespace

http::Response admin_error(const Error& error, std::string_view model, std::string_view request_id) {
  return worded(clean_text(error.message), error, model, request_id);
}

http::Response admin_error_for(const identity::Principal& caller, const Error& error, std::string_view request_id) {
  if (check_access(caller, http::Access::admin, {})) return admin_error(error, {}, request_id);
  const bool is_away = error.code == Code::unavailable;
  return worded(is_away ? "the database cannot be used at the moment" : message_for_client(error), error, {},
                request_id);
}

}  // namespace berth::dialects
