// SPDX-License-Identifier: Apache-2.0
#include "net/head_parser.h"

#include <utility>

#include "http/header_value.h"
#include "net/syntax.h"
#include "net/target.h"

namespace berth::net {

namespace {

constexpr std::size_t kMaxMethodBytes = 32;
constexpr std::size_t kUsualHeaderCount = 12;

bool is_method(std::string_view text) {
  return !text.empty() && text.size() <= kMaxMethodBytes && syntax::all(syntax::kToken, text);
}

// The version's minor number, or a refusal. "HTTP/1.0" and "HTTP/1.1" exactly.
std::optional<Refusal> parse_version(std::string_view text, int& minor) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool well_formed =
      text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
  if (!well_formed) return Refusal{400, "the request line is malformed"};
  if (text[5] != '1' || text[7] > '1') return Refusal{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  minor = text[7] - '0';
  return std::nullopt;
}

}  // namespace

HeadParser::State HeadParser::feed(std::string_view& input) {
  for (;;) {
    const auto line_feed = input.find('\n', searched_);
    if (line_feed == std::string_view::npos) {
      searched_ = input.size();
      return check_unfinished(input);
    }
    searched_ = 0;
    auto line = input.substr(0, line_feed);
    input.remove_prefix(line_feed + 1);
    head_bytes_ += line_feed + 1;
    if (head_bytes_ > limits_.max_header_bytes) return refuse_length(line);
    if (!line.ends_with('\r')) return refuse(400, "a line does not end with carriage return and line feed");
    line.remove_suffix(1);
    if (const auto state = take_line(line); state != State::incomplete) return state;
  }
}

HeadParser::State HeadParser::take_line(std::string_view line) {
  if (part_ == Part::headers) return line.empty() ? finish() : parse_header(line);
  // One empty line before the request is forgiven (RFC 9112 §2.2).
  if (line.empty() && part_ == Part::before_request_line) {
    part_ = Part::request_line;
    return State::incomplete;
  }
  return parse_request_line(line);
}

HeadParser::State HeadParser::parse_request_line(std::string_view line) {
  const auto method_end = line.find(' ');
  const auto target_end = method_end == std::string_view::npos ? method_end : line.find(' ', method_end + 1);
  if (target_end == std::string_view::npos) return refuse(400, "the request line is malformed");
  const auto method = line.substr(0, method_end);
  const auto target = line.substr(method_end + 1, target_end - method_end - 1);
  if (!is_method(method)) return refuse(400, "the method is malformed");
  if (target.size() > limits_.max_target_bytes) return refuse_length(line);
  if (const auto refusal = parse_version(line.substr(target_end + 1), minor_version_)) {
    return refuse(refusal->status, refusal->message);
  }
  if (method == "CONNECT") return refuse(501, "this server is no proxy");
  request_.method = method;
  request_.target = target;
  request_.headers.reserve(kUsualHeaderCount);
  part_ = Part::headers;
  const auto refusal = split_target(request_);
  return refusal ? refuse(refusal->status, refusal->message) : State::incomplete;
}

HeadParser::State HeadParser::parse_header(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "folded headers are not accepted");
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || !syntax::all(syntax::kToken, name)) {
    return refuse(400, "a header is malformed");
  }
  const auto value = http::trim(line.substr(colon + 1));
  if (!syntax::all(syntax::kValue, value)) return refuse(400, "a header has characters that are not allowed");
  if (request_.headers.size() == limits_.max_header_fields) return refuse(431, "the request has too many headers");
  auto& header = request_.headers.emplace_back(name, value);
  for (auto& c : header.first) c = syntax::lower(c);
  return State::incomplete;
}

HeadParser::State HeadParser::finish() {
  part_ = Part::whole;
  const auto refusal = read_framing(request_, minor_version_, limits_, framing_);
  return refusal ? refuse(refusal->status, refusal->message) : State::complete;
}

// What cannot become a head is refused before its line ends.
HeadParser::State HeadParser::check_unfinished(std::string_view line) {
  if (line.empty()) return State::incomplete;
  if (part_ == Part::headers) {
    return head_bytes_ + line.size() >= limits_.max_header_bytes ? refuse_length(line) : State::incomplete;
  }
  if (line == "\r") return State::incomplete;
  const auto method_end = line.find(' ');
  if (!is_method(line.substr(0, method_end))) return refuse(400, "the method is malformed");
  if (method_end == std::string_view::npos) return State::incomplete;
  const auto target_so_far = line.substr(method_end + 1, line.find(' ', method_end + 1) - method_end - 1);
  const bool too_long =
      target_so_far.size() > limits_.max_target_bytes || head_bytes_ + line.size() >= limits_.max_header_bytes;
  return too_long ? refuse_length(line) : State::incomplete;
}

// Which limit a line that is too long has passed.
HeadParser::State HeadParser::refuse_length(std::string_view line) {
  if (part_ == Part::headers) return refuse(431, "the request headers are too large");
  const auto method_end = line.find(' ');
  if (method_end == std::string_view::npos || method_end > kMaxMethodBytes)
    return refuse(400, "the method is malformed");
  const auto target_end = line.find(' ', method_end + 1);
  const auto target_size = (target_end == std::string_view::npos ? line.size() : target_end) - method_end - 1;
  return target_size > limits_.max_target_bytes ? refuse(414, "the request target is too long")
                                                : refuse(431, "the request headers are too large");
}

HeadParser::State HeadParser::refuse(int status, std::string_view message) {
  refusal_ = {status, message};
  return State::refused;
}

void HeadParser::reset() {
  part_ = Part::before_request_line;
  head_bytes_ = 0;
  searched_ = 0;
  minor_version_ = 1;
  request_ = {};
  framing_ = {};
}

}  // namespace berth::net
