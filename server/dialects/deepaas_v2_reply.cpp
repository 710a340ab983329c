// SPDX-License-Identifier: Apache-2.0
#include "dialects/deepaas_v2_reply.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "base/utc.h"
#include "dialects/error_status.h"

namespace berth::dialects::v2 {
namespace {

using SystemClock = std::chrono::system_clock;
using std::chrono::microseconds;

http::Response message_reply(int status, std::string_view message, std::string_view request_id) {
  return http::Response::json(
      status, "{\"message\":" + json::quote(message) + ",\"request_id\":" + json::quote(request_id) + "}");
}

// Python leaves zero microseconds out.
std::string fraction(std::int64_t micros) {
  if (micros == 0) return "";
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), ".%06d", static_cast<int>(micros));
  return {text.data(), static_cast<std::size_t>(size)};
}

// As Python's str(datetime), in UTC.
std::string date_text(SystemClock::time_point when) {
  const auto micros = std::chrono::duration_cast<microseconds>(when.time_since_epoch()).count();
  return utc_text(when, "%Y-%m-%d %H:%M:%S") + fraction(micros % 1'000'000);
}

// As Python's str(timedelta): "1 day, 0:00:00.208625".
std::string duration_text(SystemClock::duration duration) {
  const auto micros = std::max<std::int64_t>(0, std::chrono::duration_cast<microseconds>(duration).count());
  const auto seconds = micros / 1'000'000;
  const auto days = seconds / 86'400;
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%d:%02d:%02d", static_cast<int>(seconds / 3600 % 24),
                                 static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  const auto prefix = days == 0 ? "" : std::to_string(days) + (days == 1 ? " day, " : " days, ");
  return prefix + std::string(text.data(), static_cast<std::size_t>(size)) + fraction(micros % 1'000'000);
}

// JSON as it is, a text as a string; of a file only what it is.
std::string output_text(const hosting::Output& output) {
  using Kind = hosting::Output::Kind;
  if (output.kind == Kind::text) return json::quote(clean_text(output.body.view()));
  if (output.kind == Kind::json) return std::string(output.body.view());
  if (output.kind == Kind::file) {
    return "{\"content_type\":" + json::quote(clean_text(output.content_type)) +
           ",\"file_name\":" + json::quote(clean_text(output.file_name)) +
           ",\"size\":" + std::to_string(output.body.size()) + "}";
  }
  return "null";
}

std::string result_text(const training::Training& training) {
  const auto finished = training.finished.value_or(training.started);
  return "{\"output\":" + output_text(training.output) + ",\"finish_date\":" + json::quote(date_text(finished)) +
         ",\"duration\":" + json::quote(duration_text(finished - training.started)) +
         (training.new_version.empty() ? "" : ",\"new_version\":" + json::quote(training.new_version)) + "}";
}

}  // namespace

http::Response json_reply(std::string text) {
  return http::Response::bytes(200, "application/json; charset=utf-8", Bytes(std::move(text)));
}

http::Response not_found() { return http::Response::text(404, "404: Not Found"); }
http::Response payment_required() { return http::Response::text(402, "402: Payment Required"); }

http::Response error_reply(const Error& error, std::string_view model, std::string_view request_id) {
  if (!error.model_status && error.code == Code::not_found) return not_found();
  if (!error.model_status && !error.fields_json.empty()) return http::Response::json(422, error.fields_json);
  return finish_error(message_reply(status_of(error), message_for_client(error), request_id), error, model, request_id);
}

http::Response error_reply(const BadBody& error, std::string_view request_id) {
  switch (error.kind) {
    case BadBody::Kind::json: return http::Response::json(400, R"({"json":["Invalid JSON body."]})");
    case BadBody::Kind::form: return message_reply(400, error.message, request_id);
    case BadBody::Kind::too_large: return message_reply(413, error.message, request_id);
  }
  return message_reply(400, error.message, request_id);
}

std::string training_text(const training::Training& training) {
  std::string text = "{\"date\":" + json::quote(date_text(training.started)) + ",\"args\":" + training.args_json +
                     ",\"uuid\":" + json::quote(training.uuid) +
                     ",\"status\":" + json::quote(to_string(training.status));
  if (training.status == training::Status::done) text += ",\"result\":" + result_text(training);
  if (!training.message.empty()) text += ",\"message\":" + json::quote(clean_text(training.message));
  return text + "}";
}

}  // namespace berth::dialects::v2
