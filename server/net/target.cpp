// SPDX-License-Identifier: Apache-2.0
#include "net/target.h"

#include <string_view>

#include "http/body.h"
#include "http/header_value.h"
#include "net/syntax.h"

namespace berth::net {

namespace {

// Cuts "http://authority" off the front; false where the text does not begin so.
bool cut_origin(std::string_view& text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const auto scheme = text.substr(0, scheme_end);
  if (!http::equals_ignoring_case(scheme, "http") && !http::equals_ignoring_case(scheme, "https")) return false;
  text.remove_prefix(scheme_end + 3);
  const auto authority = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(authority.size());
  return !authority.empty() && is_host(authority);
}

}  // namespace

bool is_host(std::string_view text) { return syntax::all(syntax::kHost, text); }

std::optional<Refusal> split_target(http::Request& request) {
  std::string_view text = request.target;
  if (text == "*" && request.method == "OPTIONS") {
    request.path = request.target;
    return std::nullopt;
  }
  if (!syntax::all(syntax::kTarget, text))
    return Refusal{400, "the request target has characters that are not allowed"};
  if (!text.starts_with('/') && !cut_origin(text)) return Refusal{400, "the request target is malformed"};

  const auto question_mark = text.find('?');
  const auto path = text.substr(0, question_mark);
  auto decoded = http::percent_decode(path.empty() ? "/" : path, false);
  if (!decoded) return Refusal{400, "the path is not correctly percent-encoded"};
  request.path = *std::move(decoded);
  if (question_mark == std::string_view::npos) return std::nullopt;

  auto query = http::parse_urlencoded(text.substr(question_mark + 1));
  if (!query) return Refusal{400, "the query is not correctly percent-encoded, or has too many fields"};
  request.query = *std::move(query);
  return std::nullopt;
}

}  // namespace berth::net
