// SPDX-License-Identifier: Apache-2.0
// Gauges: what all connections of one server hold together, counted against its limits.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/mutex.h"
#include "net/server.h"

namespace berth::net {

// Shared by the I/O threads and by the bodies and replies that outlive them. [any]
class Gauges {
 public:
  explicit Gauges(const Limits& limits)
      : max_body_bytes_(limits.max_body_bytes_in_memory), max_requests_(limits.max_requests_in_flight) {}

  // False where the limit would be passed; nothing is counted then.
  bool take_body_bytes(std::size_t count) { return take(body_bytes_, count, max_body_bytes_); }
  void give_body_bytes(std::size_t count) { body_bytes_.fetch_sub(count, std::memory_order_relaxed); }
  bool body_bytes_would_fit(std::size_t count) const {
    const auto used = body_bytes_.load(std::memory_order_relaxed);
    return used <= max_body_bytes_ && count <= max_body_bytes_ - used;
  }

  // What connections hold of answers that their clients have not taken yet. An answer cannot be refused: it is requests
  // that are, while there is too much of it.
  void add_answer_bytes(std::size_t count) { answer_bytes_.fetch_add(count, std::memory_order_relaxed); }
  void give_answer_bytes(std::size_t count) { answer_bytes_.fetch_sub(count, std::memory_order_relaxed); }

  // A request is in flight from the call of the handler until its reply is delivered.
  bool begin_request() {
    if (answer_bytes_.load(std::memory_order_relaxed) > max_body_bytes_) return false;
    if (!take(requests_in_flight_, 1, max_requests_)) return false;
    requests_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  void end_request() { leave(requests_in_flight_); }

  std::size_t connection_opened() { return connections_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void connection_closed() { leave(connections_); }

  Server::Figures figures() const {
    return {.connections = connections_.load(),
            .requests_in_flight = requests_in_flight_.load(),
            .body_bytes_in_memory = body_bytes_.load(),
            .answer_bytes_in_memory = answer_bytes_.load(),
            .requests = requests_.load()};
  }

  // Waits until there is neither a connection nor a request in flight; false where `deadline` comes first.
  bool wait_until_quiet(std::chrono::steady_clock::time_point deadline) {
    Lock lock(mutex_);
    waiting_.store(true);
    while (!is_quiet()) {
      if (!changed_.wait_until(mutex_, deadline)) return is_quiet();
    }
    return true;
  }

 private:
  static bool take(std::atomic<std::size_t>& used, std::size_t count, std::size_t most) {
    auto now = used.load(std::memory_order_relaxed);
    do {
      if (now > most || count > most - now) return false;
    } while (!used.compare_exchange_weak(now, now + count, std::memory_order_relaxed));
    return true;
  }

  // Sequentially consistent with wait_until_quiet: either the waiter sees the new count, or this sees the waiter.
  void leave(std::atomic<std::size_t>& count) {
    count.fetch_sub(1);
    if (!waiting_.load()) return;
    Lock lock(mutex_);
    changed_.notify_all();
  }

  bool is_quiet() const { return connections_.load() == 0 && requests_in_flight_.load() == 0; }

  const std::size_t max_body_bytes_;
  const std::size_t max_requests_;
  std::atomic<std::size_t> connections_ = 0;
  std::atomic<std::size_t> requests_in_flight_ = 0;
  std::atomic<std::size_t> body_bytes_ = 0;
  std::atomic<std::size_t> answer_bytes_ = 0;
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<bool> waiting_ = false;
  Mutex mutex_;
  Condition changed_;
};

}  // namespace berth::net
