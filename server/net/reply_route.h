// SPDX-License-Identifier: Apache-2.0
// ReplyRoute: the way of a reply from any thread back to the connection it belongs to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/bytes.h"
#include "base/loop.h"
#include "base/mutex.h"
#include "http/response.h"
#include "net/gauges.h"

namespace berth::net {

class ConnectionTable;

// Where a reply goes: a connection's id, which is never used again, and the request's place on that connection.
struct ReplyAddress {
  std::uint64_t connection = 0;
  std::uint64_t sequence = 0;
};

// One for each I/O thread, shared by the replies that are out; they may outlive the thread, the server and the loop.
class ReplyRoute : public std::enable_shared_from_this<ReplyRoute> {
 public:
  ReplyRoute(Loop& loop, ConnectionTable& table, std::shared_ptr<Gauges> gauges)
      : loop_(&loop), table_(&table), gauges_(std::move(gauges)) {}

  // The I/O thread says once who it is.
  void set_thread() { thread_.store(std::this_thread::get_id()); }

  // The right to answer one request that was counted as in flight. Its body counts as held until then, since what was
  // made of it waits in its place: decoded images, arguments. [io]
  http::Reply make_reply(ReplyAddress address, Bytes body);

  // On the I/O thread: at once. From any other: by the loop's mailbox. After close(): nowhere. [any]
  void deliver(ReplyAddress address, http::Response response);

  // The thread is about to end or has ended: from here on replies are dropped. [not the I/O thread]
  void close();

 private:
  Mutex mutex_;
  Loop* loop_ BERTH_GUARDED_BY(mutex_);
  ConnectionTable* const table_;  // used on the I/O thread alone
  std::atomic<std::thread::id> thread_;
  const std::shared_ptr<Gauges> gauges_;
};

}  // namespace berth::net
