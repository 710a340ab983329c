// SPDX-License-Identifier: Apache-2.0
// HeadParser: reads the request line and the headers, line by line as they come, and refuses whatever is not exactly
// HTTP/1.x.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/request.h"
#include "net/framing.h"
#include "net/refusal.h"
#include "net/server.h"

namespace berth::net {

// One head at a time: feed until it is complete or refused, take what it read, reset. Every byte is looked at once or
// twice, however it is cut up: a line is searched for its end only where it was not searched before. [io]
class HeadParser {
 public:
  enum class State { incomplete, complete, refused };

  explicit HeadParser(const Limits& limits) : limits_(limits) {}

  // Takes whole lines off the front of `input`. What remains is the start of an unfinished line (which the caller gives
  // again, with more), or, when the head is complete, what comes after it.
  State feed(std::string_view& input);

  // Whether a request has begun; the empty line that may come before it is no beginning.
  bool started() const { return part_ == Part::headers || is_whole() || searched_ > 0; }
  // Whether all its lines were read; it may be refused all the same.
  bool is_whole() const { return part_ == Part::whole; }

  http::Request& request() { return request_; }  // what was read; whole only when complete
  const Framing& framing() const { return framing_; }
  int minor_version() const { return minor_version_; }
  const Refusal& refusal() const { return refusal_; }

  void reset();

 private:
  enum class Part { before_request_line, request_line, headers, whole };

  State take_line(std::string_view line);
  State parse_request_line(std::string_view line);
  State parse_header(std::string_view line);
  State finish();
  State check_unfinished(std::string_view line);
  State refuse(int status, std::string_view message);
  State refuse_length(std::string_view line);

  const Limits& limits_;
  Part part_ = Part::before_request_line;
  std::size_t head_bytes_ = 0;
  std::size_t searched_ = 0;  // bytes of the unfinished line without a line feed in them
  int minor_version_ = 1;
  http::Request request_;
  Framing framing_;
  Refusal refusal_;
};

}  // namespace berth::net
