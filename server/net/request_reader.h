// SPDX-License-Identifier: Apache-2.0
// RequestReader: turns a connection's bytes into requests, one after the other, within the limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "http/request.h"
#include "net/body_buffer.h"
#include "net/chunked_decoder.h"
#include "net/gauges.h"
#include "net/head_parser.h"
#include "net/refusal.h"
#include "net/server.h"

namespace berth::net {

// A request and what its connection must know to answer it.
struct ReadRequest {
  http::Request request;
  bool keep_alive = false;  // what the client wants
  bool http_1_0 = false;
};

// Knows nothing of sockets. After `refused` it is used no more: what follows a refused request is never parsed. [io]
class RequestReader {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class State { incomplete, complete, refused };

  RequestReader(const Limits& limits, std::shared_ptr<Gauges> gauges);

  // Takes what it can use off the front of `input`; what remains belongs in front of the next input.
  State feed(std::string_view& input, TimePoint now);

  // Where the next bytes of the connection may be received straight into the body; empty where feed() is the way.
  // received() says how many came.
  std::span<char> direct_room();
  State received(std::size_t count);

  // After `complete`: the request; the reader then waits for the next one.
  ReadRequest take();
  // After `refused`: why, and what was read of the request.
  const Refusal& refusal() const { return refusal_; }
  http::Request& partial_request() { return head_.request(); }

  // Whether the head of the request in progress, or of the one that was refused, was read to its end.
  bool has_head() const { return head_.is_whole(); }

  // Whether a request has begun and is not complete.
  bool busy() const { return phase_ != Phase::head || head_.started(); }
  // The refusal that the request in progress has earned by being slow.
  std::optional<Refusal> overdue(TimePoint now);

  // Whether the client waits for "100 Continue" before it sends the body.
  bool wants_continue() const { return wants_continue_; }
  void continue_sent(TimePoint now);

  // The time in which the client could send nothing, because nobody read it, does not count against it.
  void restart_clock(TimePoint now);

 private:
  enum class Phase { head, sized_body, chunked_body };

  State begin_body(bool body_is_here, TimePoint now);
  State read_sized(std::string_view& input);
  State read_chunked(std::string_view& input);
  bool append(std::string_view& input, std::size_t count);
  State refuse(const Refusal& refusal);
  std::size_t sized_left() const { return head_.framing().content_length - body_.size(); }

  const Limits& limits_;
  std::shared_ptr<Gauges> gauges_;
  Phase phase_ = Phase::head;
  HeadParser head_;
  ChunkedDecoder chunks_;
  BodyBuffer body_;
  bool wants_continue_ = false;
  TimePoint received_;            // the first byte of the request
  TimePoint window_start_;        // of the time over which the body's rate is measured
  std::size_t window_bytes_ = 0;  // that came since
  Refusal refusal_;
};

// Gives the request its id: the client's X-Request-Id where it is sane, else a new one.
void assign_id(http::Request& request);

}  // namespace berth::net
