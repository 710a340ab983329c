// SPDX-License-Identifier: Apache-2.0
#include "net/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/utc.h"
#include "http/header_value.h"
#include "net/syntax.h"

namespace berth::net {

namespace {

constexpr std::size_t kUsualHeadBytes = 320;

constexpr auto kReasons = std::to_array<std::pair<int, std::string_view>>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {424, "Failed Dependency"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
});

std::string_view reason(int status) {
  const auto found = std::lower_bound(kReasons.begin(), kReasons.end(), status,
                                      [](const auto& entry, int wanted) { return entry.first < wanted; });
  return found != kReasons.end() && found->first == status ? found->second : std::string_view("Unnamed");
}

void append_number(std::string& text, std::size_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
}

void append_header(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

bool is_ours(std::string_view name) {
  constexpr auto kOurs = std::to_array<std::string_view>(
      {"content-length", "transfer-encoding", "connection", "keep-alive", "date", "server", "x-request-id"});
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [&](std::string_view ours) { return http::equals_ignoring_case(name, ours); });
}

bool is_sendable(std::string_view name, std::string_view value) {
  return !name.empty() && syntax::all(syntax::kToken, name) && syntax::all(syntax::kValue, value) && !is_ours(name);
}

}  // namespace

std::string_view DateText::now() {
  const auto second = std::time(nullptr);
  if (second != second_) {
    second_ = second;
    text_ = utc_text(std::chrono::system_clock::from_time_t(second), "%a, %d %b %Y %H:%M:%S GMT");
  }
  return text_;
}

bool may_have_body(int status) { return status != 204 && status != 304; }

std::string serialise_head(const http::Response& response, const ResponseContext& context) {
  const int status = response.status >= 200 && response.status <= 599 ? response.status : 500;
  std::string text;
  text.reserve(kUsualHeadBytes);
  text.append("HTTP/1.1 ");
  append_number(text, static_cast<std::size_t>(status));
  text.append(" ").append(reason(status)).append("\r\nServer: berth\r\n");
  append_header(text, "Date", context.date);
  if (may_have_body(status)) {
    text.append("Content-Length: ");
    append_number(text, response.body.size());
    text.append("\r\n");
  }
  if (context.close) text.append("Connection: close\r\n");
  if (!context.close && context.http_1_0) text.append("Connection: keep-alive\r\n");
  append_header(text, "X-Request-Id", context.request_id);
  for (const auto& [name, value] : response.headers) {
    if (is_sendable(name, value)) append_header(text, name, value);
  }
  text.append("\r\n");
  return text;
}

}  // namespace berth::net
