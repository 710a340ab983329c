// SPDX-License-Identifier: Apache-2.0
#include "dialects/tabular_reply.h"

#include <utility>

#include "base/json.h"
#include "base/json_object.h"
#include "dialects/error_status.h"

namespace berth::dialects::tabular {
namespace {

using json::ObjectText;

constexpr std::string_view kOnlyRow = "rows[0]: ";  // what a model says of the one row that it was asked about

bool is_bad_request(const Error& error) {
  if (error.model_status) return *error.model_status == 400 || *error.model_status == 422;
  return error.code == Code::invalid_argument;
}

// What a message says after the name: "'old' is no number" of "age: 'old' is no number", "is missing" of "age is
// missing"; "" where it begins with another name.
std::string_view said_of(std::string_view name, std::string_view message) {
  if (!message.starts_with(name)) return {};
  message.remove_prefix(name.size());
  for (const std::string_view link : {": ", " "}) {
    if (message.starts_with(link)) return message.substr(link.size());
  }
  return {};
}

std::string errors_of(const Error& error, std::span<const std::string> names) {
  if (!error.fields_json.empty()) return error.fields_json;
  const auto text = clean_text(error.message);
  std::string_view name = "body", message = text;
  if (message.starts_with(kOnlyRow)) message.remove_prefix(kOnlyRow.size());
  const auto all = message;
  std::size_t longest = 0;  // one name may be the beginning of another
  for (const auto& candidate : names) {
    const auto said = said_of(candidate, all);
    if (said.empty() || candidate.size() <= longest) continue;
    longest = candidate.size();
    name = candidate;
    message = said;
  }
  return ObjectText().raw(name, std::string("[").append(json::quote(message)).append("]")).done();
}

http::Response worded(const Error& error, std::span<const std::string> names) {
  if (is_bad_request(error)) {
    return http::Response::json(
        400, ObjectText().text("message", "Bad request").raw("errors", errors_of(error, names)).done());
  }
  if (error.code == Code::unauthenticated) {
    return http::Response::json(401, ObjectText().text("error", "Unauthorized").done());
  }
  return message_reply(status_of(error), message_for_client(error));
}

}  // namespace

http::Response message_reply(int status, std::string_view message) {
  return http::Response::json(status, ObjectText().text("message", message).done());
}

http::Response error_reply(const Error& error, std::string_view model, std::string_view request_id,
                           std::span<const std::string> names) {
  return finish_error(worded(error, names), error, model, request_id);
}

http::RoutingErrors routing_errors() {
  http::RoutingErrors errors;
  errors.not_found = [] { return message_reply(404, "Not found"); };
  errors.method_not_allowed = [](std::string_view) { return message_reply(405, "Method not allowed"); };
  errors.internal = [](std::string_view) { return message_reply(500, "Internal Server Error"); };
  errors.refused = [](const Error& error, std::string_view request_id) { return error_reply(error, {}, request_id); };
  return errors;
}

}  // namespace berth::dialects::tabular
