// SPDX-License-Identifier: Apache-2.0
// Connection: one client's socket, from its first byte to its close: reads requests, has them answered, writes the
// answers in order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "base/unique_fd.h"
#include "http/response.h"
#include "net/gauges.h"
#include "net/output_queue.h"
#include "net/refusal_log.h"
#include "net/reply_route.h"
#include "net/request_reader.h"
#include "net/response_head.h"
#include "net/server.h"

namespace berth::net {

// What the connections of one I/O thread share.
struct IoContext {
  const Limits& limits;
  std::span<const http::Network> trusted_proxies;
  std::shared_ptr<Gauges> gauges;
  const OnRequest& on_request;
  std::shared_ptr<ReplyRoute> route;
  std::vector<char> scratch;  // where what is received is parsed; nobody keeps it
  DateText date = {};
  RefusalLog refusals = {};
  bool draining = false;  // answers close their connections
};

// Lives until it says closed(); its owner then destroys it, which closes the socket. All of it [io].
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(IoContext& io, std::uint64_t id, UniqueFd fd, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Takes over the watch of its socket, which must watch for reading.
  void attach(Loop::Watch watch) { watch_ = std::move(watch); }
  int fd() const { return fd_.get(); }

  void on_events(std::uint32_t events);
  // The answer to the request with that sequence number, which may come before earlier ones.
  void deliver(std::uint64_t sequence, http::Response response);
  // Answers without having read a request, and closes.
  void refuse_at_once(const Refusal& refusal);
  // Closes, now or after the answers that are due.
  void begin_drain();
  void check_timeouts(Clock::time_point now);

  bool closed() const { return phase_ == Phase::closed; }
  // A handler is running for this connection further up the stack; it must not be destroyed.
  bool in_handler() const { return in_handler_; }

 private:
  // lingering: everything is sent and said to be the end; what the client still sends is thrown away until it closes
  // too, for a socket closed with unread bytes resets the connection, and the client loses the answer.
  enum class Phase { open, lingering, closed };

  // A request that was read, and its answer once that is there.
  struct Slot {
    std::string request_id;
    bool keep_alive = false;
    bool http_1_0 = false;
    bool without_body = false;  // HEAD
    bool ready = false;
    http::Response response = {};
  };

  bool is_idle() const;
  bool wants_requests() const;
  bool wants_input() const;
  void read();
  void take_input(std::string_view bytes);
  void parse(std::string_view& input);
  void act_on(RequestReader::State state);
  void dispatch();
  void refuse(const Refusal& refusal);
  void end_input();

  void settle();
  void write_ready();
  void write_front();
  bool takes_too_little();
  void count_unsent();
  void linger();
  void close() { phase_ = Phase::closed; }
  void update_interest();

  IoContext& io_;
  const std::uint64_t id_;
  UniqueFd fd_;
  Loop::Watch watch_;  // after fd_: gone before the socket closes
  std::uint32_t interest_;
  const std::string peer_;

  Phase phase_ = Phase::open;
  RequestReader reader_;
  std::string pending_;       // received, not yet used: the start of a line, or requests that wait for their turn
  bool paused_ = false;       // pending_ holds requests that wait for a free slot
  bool last_ = false;         // no further request is read: the connection closes after the answers that are due
  bool input_ended_ = false;  // the client has closed its side
  bool in_handler_ = false;

  std::deque<Slot> slots_;            // in the order of the requests
  std::uint64_t first_sequence_ = 0;  // of slots_.front()
  std::size_t ready_bytes_ = 0;       // of the answers in slots_, which wait for an earlier one
  OutputQueue output_;
  std::size_t counted_bytes_ = 0;  // of both, in the gauges
  bool blocked_ = false;           // the socket takes no more for now

  Clock::time_point now_;            // of the event being handled
  Clock::time_point last_activity_;  // anything read, delivered or sent
  Clock::time_point last_progress_;  // the socket took bytes, or began to block
  Clock::time_point window_start_;   // while the socket blocks: since when window_bytes_ were taken
  std::size_t window_bytes_ = 0;
  Clock::time_point linger_deadline_;
};

}  // namespace berth::net
