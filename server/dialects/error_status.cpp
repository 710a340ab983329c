// SPDX-License-Identifier: Apache-2.0
#include "dialects/error_status.h"

#include "base/log.h"
#include "base/text.h"

namespace berth::dialects {
namespace {

int status_of(Code code) {
  switch (code) {
    case Code::invalid_argument: return 400;
    case Code::unauthenticated: return 401;
    case Code::forbidden: return 403;
    case Code::not_found: return 404;
    case Code::conflict: return 409;
    case Code::too_large: return 413;
    case Code::busy: return 503;
    case Code::throttled: return 429;
    case Code::cancelled: return 503;
    case Code::timeout: return 504;
    case Code::not_implemented: return 501;
    case Code::unavailable: return 503;
    case Code::internal: return 500;
  }
  return 500;
}

// Why something broke or cannot be had may hold paths, addresses and a plugin's last words.
bool is_for_client(const Error& error) {
  return error.model_status || (error.code != Code::internal && error.code != Code::unavailable);
}

bool is_model_status(int status) { return status >= 400 && status <= 599; }

}  // namespace

int status_of(const Error& error) {
  if (error.model_status && is_model_status(*error.model_status)) return *error.model_status;
  return status_of(error.code);
}

std::string message_for_client(const Error& error) {
  std::string text = clean_text(error.message);
  if (!is_for_client(error)) {
    text = error.code == Code::internal ? "Internal Server Error" : "The model is not available";
  }
  if (!error.crash_report.empty()) text.append("; crash report ").append(error.crash_report);
  return text;
}

std::string clean_text(std::string_view text) { return is_utf8(text) ? std::string(text) : latin1_to_utf8(text); }

Error as_configured(Error error) {
  if (error.code == Code::not_found) error.code = Code::unavailable;
  return error;
}

http::Response finish_error(http::Response response, const Error& error, std::string_view model,
                            std::string_view request_id) {
  if (!is_for_client(error)) {
    log::error(error.message, {.request_id = request_id, .model = model, .component = "dialects"});
  }
  if (!error.crash_report.empty()) response.headers.emplace_back("X-Berth-Crash-Report", error.crash_report);
  if (error.code == Code::unauthenticated) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  const bool temporary = error.code == Code::busy || error.code == Code::throttled || error.code == Code::unavailable ||
                         error.code == Code::cancelled;
  if (temporary && !error.model_status) {
    const auto seconds = error.retry_after.value_or(std::chrono::seconds(1)).count();
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  return response;
}

}  // namespace berth::dialects
