// SPDX-License-Identifier: Apache-2.0
#include "net/connection_table.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace berth::net {

namespace {

constexpr std::size_t kScratchBytes = 64UL * 1024;
constexpr std::size_t kToldOff = 32;  // how many above the limit are told so before they are closed
constexpr Refusal kTooManyConnections{503, "the server has as many connections as it may"};

// Timeouts are looked at this often, all connections at once: no timer is set or cancelled for a request.
std::chrono::milliseconds sweep_interval(const Limits& limits) {
  using std::chrono::milliseconds;
  const auto shortest = std::min({limits.header_timeout, limits.body_grace, limits.idle_timeout,
                                  limits.write_stall_timeout, limits.linger_timeout});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(500));
}

}  // namespace

ConnectionTable::ConnectionTable(Loop& loop, const Options& options, std::size_t max_connections,
                                 const std::shared_ptr<Gauges>& gauges, const OnRequest& on_request)
    : loop_(loop),
      max_connections_(max_connections),
      io_{.limits = options.limits,
          .trusted_proxies = options.trusted_proxies,
          .gauges = gauges,
          .on_request = on_request,
          .route = std::make_shared<ReplyRoute>(loop, *this, gauges),
          .scratch = std::vector<char>(kScratchBytes)},
      sweep_interval_(sweep_interval(options.limits)) {}

ConnectionTable::~ConnectionTable() { close_all(); }

void ConnectionTable::add(UniqueFd fd, std::string peer) {
  const auto open = io_.gauges->connection_opened();
  if (open > max_connections_ + kToldOff || io_.draining) {
    io_.gauges->connection_closed();
    return;
  }
  const auto id = next_id_++;
  auto& connection = *(connections_[id] = std::make_unique<Connection>(io_, id, std::move(fd), std::move(peer)));
  size_.store(connections_.size(), std::memory_order_relaxed);
  connection.attach(loop_.watch(connection.fd(), EPOLLIN, [this, id](std::uint32_t events) { on_events(id, events); }));
  if (!sweep_timer_) schedule_sweep();
  if (open > max_connections_) connection.refuse_at_once(kTooManyConnections);
  bury_if_closed(id);
}

void ConnectionTable::on_events(std::uint64_t id, std::uint32_t events) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second->on_events(events);
  if (found->second->closed()) bury_if_closed(id);
}

void ConnectionTable::deliver(ReplyAddress address, http::Response response) {
  const auto found = connections_.find(address.connection);
  if (found == connections_.end()) return;
  found->second->deliver(address.sequence, std::move(response));
  bury_if_closed(address.connection);
}

void ConnectionTable::bury_if_closed(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || !found->second->closed() || found->second->in_handler()) return;
  connections_.erase(found);
  size_.store(connections_.size(), std::memory_order_relaxed);
  io_.gauges->connection_closed();
}

void ConnectionTable::begin_drain() {
  io_.draining = true;
  for (auto& [id, connection] : connections_) connection->begin_drain();
  sweep();
}

void ConnectionTable::close_all() {
  for (std::size_t left = connections_.size(); left > 0; --left) io_.gauges->connection_closed();
  connections_.clear();
  size_.store(0, std::memory_order_relaxed);
  sweep_timer_ = {};
}

void ConnectionTable::schedule_sweep() {
  sweep_timer_ = loop_.call_after(sweep_interval_, [this] { sweep(); });
}

void ConnectionTable::sweep() {
  const auto now = Connection::Clock::now();
  // By id, for a timeout may let a waiting request run, and its handler may answer on, and so end, any connection.
  std::vector<std::uint64_t> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const auto id : ids) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    found->second->check_timeouts(now);
    bury_if_closed(id);
  }
  sweep_timer_ = {};
  io_.refusals.tell_omitted();
  if (!connections_.empty()) schedule_sweep();
}

}  // namespace berth::net
