// SPDX-License-Identifier: Apache-2.0
// Server: accepts connections and turns bytes into requests and responses into bytes, within limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "http/address.h"
#include "http/request.h"
#include "http/response.h"

namespace berth::net {

// Each bound answers with a clear error; none applies while a model computes.
struct Limits {
  std::size_t max_header_bytes = 16UL * 1024;  // 431
  std::size_t max_header_fields = 100;         // 431
  std::size_t max_target_bytes = 8UL * 1024;   // 414
  std::size_t max_body_bytes =
      64UL * 1024 * 1024;  // 413, on Content-Length before a byte is read, counted while chunked
  // All connections together: 503 + Retry-After. Of requests, and as much again of answers that wait for their clients.
  std::size_t max_body_bytes_in_memory = 512UL * 1024 * 1024;
  std::size_t max_connections = 4096;                // beyond: accepted, 503, closed; lowered to fit RLIMIT_NOFILE
  std::size_t max_requests_in_flight = 1024;         // 503 + Retry-After
  std::size_t max_pipelined = 16;                    // parsed ahead per connection; then reading pauses
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte of a request: 408
  std::size_t min_body_bytes_per_second = 1024;      // averaged over body_grace and after: 408; an answer: closed
  std::chrono::milliseconds body_grace{10'000};
  std::chrono::milliseconds idle_timeout{75'000};         // keep-alive without a request: closed
  std::chrono::milliseconds write_stall_timeout{30'000};  // no byte accepted by the client: closed
  std::chrono::milliseconds linger_timeout{2'000};        // after an error: how long the rest is read and thrown away
};

struct Options {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5000;  // 0: any free one, see Server::port
  std::size_t io_threads = 1;
  Limits limits = {};
  std::vector<http::Network> trusted_proxies = {};  // whose word on who the client is counts, see http/forwarding.h
};

// Gets every request that is within the limits, on an I/O thread. Must not block. [io]
using OnRequest = std::function<void(http::Request&&, http::Reply&&)>;

class Server {
 public:
  // Creates the I/O threads' loops; nothing listens yet.
  static Result<std::unique_ptr<Server>> create(Options options);
  virtual ~Server() = default;  // stops at once: open connections are closed

  // The I/O threads' loops, for others who want their events handled on the thread that writes the answer. They live as
  // long as the server and run from start() on.
  virtual std::vector<Loop*> loops() = 0;

  // Binds and starts the threads. unavailable: the address cannot be bound (the message names it and the reason).
  virtual Result<> start(OnRequest on_request) = 0;

  virtual std::uint16_t port() const = 0;  // after start

  // Stops accepting, closes idle connections, lets requests in flight finish (answers carry Connection: close), and
  // returns when all have, or after `grace`; then closes what is left. [any, once; not from an I/O thread]
  virtual void drain(std::chrono::milliseconds grace) = 0;

  struct Figures {
    std::size_t connections = 0;
    std::size_t requests_in_flight = 0;
    std::size_t body_bytes_in_memory = 0;
    std::size_t answer_bytes_in_memory = 0;  // that clients have not taken yet
    std::uint64_t requests = 0;
  };
  virtual Figures figures() const = 0;  // [any]
};

}  // namespace berth::net
