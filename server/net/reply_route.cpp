// SPDX-License-Identifier: Apache-2.0
#include "net/reply_route.h"

#include <utility>

#include "net/connection_table.h"
#include "net/refusal.h"

namespace berth::net {

namespace {

class ConnectionReply final : public http::ReplySink {
 public:
  ConnectionReply(std::shared_ptr<ReplyRoute> route, ReplyAddress address, Bytes body)
      : route_(std::move(route)), address_(address), body_(std::move(body)) {}
  // http::Reply answers 500 for a reply that was forgotten; this is for the case that even that failed.
  ~ConnectionReply() override {
    if (!route_) return;
    try {
      ConnectionReply::deliver(http::Response::empty(500));
    } catch (...) {  // out of memory twice: the connection's client waits until it gives up
    }
  }
  ConnectionReply(const ConnectionReply&) = delete;
  ConnectionReply& operator=(const ConnectionReply&) = delete;

  void deliver(http::Response response) override {
    body_ = {};
    const auto route = std::exchange(route_, nullptr);
    route->deliver(address_, std::move(response));
  }

 private:
  std::shared_ptr<ReplyRoute> route_;
  const ReplyAddress address_;
  Bytes body_;
};

}  // namespace

http::Reply ReplyRoute::make_reply(ReplyAddress address, Bytes body) {
  return http::Reply(std::make_unique<ConnectionReply>(shared_from_this(), address, std::move(body)));
}

void ReplyRoute::deliver(ReplyAddress address, http::Response response) {
  gauges_->end_request();
  if (thread_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    table_->deliver(address, std::move(response));
    return;
  }
  Lock lock(mutex_);
  if (!loop_) return;
  loop_->post([self = shared_from_this(), address, response = std::move(response)]() mutable {
    self->table_->deliver(address, std::move(response));
  });
}

void ReplyRoute::close() {
  thread_.store({});
  Lock lock(mutex_);
  loop_ = nullptr;
}

}  // namespace berth::net
