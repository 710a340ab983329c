// SPDX-License-Identifier: Apache-2.0
#include "net/framing.h"

#include <limits>
#include <string_view>

#include "http/header_value.h"
#include "net/target.h"

namespace berth::net {

namespace {

// The fields that matter here; a field that may come once is refused the second time.
struct Fields {
  std::optional<std::string_view> host, content_length, transfer_encoding, expect;
  bool close = false;
  bool keep_alive = false;
};

void read_connection(std::string_view list, Fields& fields) {
  while (!list.empty()) {
    const auto token = http::take_list_element(list);
    if (http::equals_ignoring_case(http::trim(token), "close")) fields.close = true;
    if (http::equals_ignoring_case(http::trim(token), "keep-alive")) fields.keep_alive = true;
  }
}

std::optional<Refusal> collect(const http::Pairs& headers, Fields& fields) {
  for (const auto& [name, value] : headers) {
    std::optional<std::string_view>* single = nullptr;
    if (name == "host") single = &fields.host;
    if (name == "content-length") single = &fields.content_length;
    if (name == "transfer-encoding") single = &fields.transfer_encoding;
    if (name == "expect") single = &fields.expect;
    if (name == "connection") read_connection(value, fields);
    if (!single) continue;
    if (*single) return Refusal{400, "a header that may come once came twice"};
    *single = value;
  }
  return std::nullopt;
}

// Digits only; a number that does not fit is as large as can be.
std::optional<std::size_t> parse_length(std::string_view digits) {
  constexpr auto kMost = std::numeric_limits<std::size_t>::max();
  if (digits.empty()) return std::nullopt;
  std::size_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::size_t>(c - '0');
    value = value > (kMost - digit) / 10 ? kMost : value * 10 + digit;
  }
  return value;
}

std::optional<Refusal> read_body_framing(const Fields& fields, int minor_version, const Limits& limits,
                                         Framing& framing) {
  if (fields.transfer_encoding) {
    if (fields.content_length) return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
    if (minor_version == 0) return Refusal{400, "HTTP/1.0 knows no Transfer-Encoding"};
    if (!http::equals_ignoring_case(*fields.transfer_encoding, "chunked")) {
      return Refusal{400, "the only transfer coding understood is chunked"};
    }
    framing.body = Framing::Body::chunked;
  }
  if (fields.content_length) {
    const auto length = parse_length(*fields.content_length);
    if (!length) return Refusal{400, "Content-Length is not a number"};
    if (*length > limits.max_body_bytes) return Refusal{413, "the request body is too large"};
    framing.content_length = *length;
    framing.body = *length > 0 ? Framing::Body::sized : Framing::Body::none;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> read_framing(const http::Request& request, int minor_version, const Limits& limits,
                                    Framing& framing) {
  Fields fields;
  if (auto refusal = collect(request.headers, fields)) return refusal;
  if (!fields.host && minor_version > 0) return Refusal{400, "the Host header is missing"};
  if (fields.host && !is_host(*fields.host)) return Refusal{400, "the Host header is malformed"};
  framing.keep_alive = !fields.close && (minor_version > 0 || fields.keep_alive);
  if (auto refusal = read_body_framing(fields, minor_version, limits, framing)) return refusal;
  if (fields.expect && minor_version > 0) {
    if (!http::equals_ignoring_case(*fields.expect, "100-continue")) {
      return Refusal{417, "the only expectation understood is 100-continue"};
    }
    framing.expects_continue = framing.body != Framing::Body::none;
  }
  return std::nullopt;
}

}  // namespace berth::net
