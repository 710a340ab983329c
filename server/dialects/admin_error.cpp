// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_error.h"

#include <utility>

#include "base/json_object.h"
#include "dialects/error_status.h"

namespace berth::dialects {

http::Response admin_error(const Error& error, std::string_view model, std::string_view request_id) {
  auto body = json::ObjectText().text("message", clean_text(error.message)).text("request_id", request_id).done();
  return finish_error(http::Response::json(status_of(error), std::move(body)), error, model, request_id);
}

}  // namespace berth::dialects
