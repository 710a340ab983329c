// SPDX-License-Identifier: Apache-2.0
// ConnectionTable: the connections of one I/O thread, by ids that are never used twice.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/loop.h"
#include "base/unique_fd.h"
#include "net/connection.h"
#include "net/reply_route.h"

namespace berth::net {

// Everything but size() on the loop's thread; destroyed when that has ended. [io]
class ConnectionTable {
 public:
  ConnectionTable(Loop& loop, const Options& options, std::size_t max_connections,
                  const std::shared_ptr<Gauges>& gauges, const OnRequest& on_request);
  ~ConnectionTable();
  ConnectionTable(const ConnectionTable&) = delete;
  ConnectionTable& operator=(const ConnectionTable&) = delete;

  // Beyond the server's limit a client is told 503, and far beyond it nothing.
  void add(UniqueFd fd, std::string peer);
  // Drops the response where the connection is gone.
  void deliver(ReplyAddress address, http::Response response);

  void begin_drain();
  void close_all();

  std::size_t size() const { return size_.load(std::memory_order_relaxed); }  // [any]
  const std::shared_ptr<ReplyRoute>& route() const { return io_.route; }

 private:
  void on_events(std::uint64_t id, std::uint32_t events);
  void bury_if_closed(std::uint64_t id);
  void schedule_sweep();
  void sweep();

  Loop& loop_;
  const std::size_t max_connections_;
  IoContext io_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::atomic<std::size_t> size_ = 0;
  std::uint64_t next_id_ = 1;
  std::chrono::milliseconds sweep_interval_;
  Loop::Timer sweep_timer_;
};

}  // namespace berth::net
