// SPDX-License-Identifier: Apache-2.0
#include "net/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <latch>
#include <string>
#include <utility>

#include "base/log.h"
#include "net/acceptor.h"
#include "net/connection_table.h"
#include "net/gauges.h"
#include "net/io_threads.h"

namespace berth::net {

namespace {

// Descriptors kept for everything that is no connection: files, workers, the database.
constexpr std::size_t kReservedDescriptors = 128;

// A process without descriptors cannot accept, and cannot even refuse: the limit stays well below that point.
std::size_t fitting_connections(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  const auto reserved = std::min(std::max(kReservedDescriptors, descriptors / 4), descriptors - descriptors / 4);
  return std::min(wanted, std::max<std::size_t>(descriptors - reserved, 1));
}

class ReactorServer final : public Server {
 public:
  ReactorServer(Options options, std::vector<std::unique_ptr<Loop>> loops)
      : options_(std::move(options)), gauges_(std::make_shared<Gauges>(options_.limits)), loops_(std::move(loops)) {}
  ~ReactorServer() override;

  std::vector<Loop*> loops() override;
  Result<> start(OnRequest on_request) override;
  std::uint16_t port() const override { return port_; }
  void drain(std::chrono::milliseconds grace) override;
  Figures figures() const override { return gauges_->figures(); }

 private:
  void hand_over(UniqueFd fd, std::string peer);
  // Runs `task` with each table on its thread, and waits until all have.
  void on_every_table(const std::function<void(ConnectionTable&)>& task);

  const Options options_;
  const std::shared_ptr<Gauges> gauges_;
  OnRequest on_request_;
  std::uint16_t port_ = 0;
  std::size_t next_table_ = 0;  // the acceptor's

  // Destroyed from the last to the first: nobody accepts, nobody runs, then nothing is there.
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<ConnectionTable>> tables_;
  std::unique_ptr<IoThreads> threads_;
  std::unique_ptr<Acceptor> acceptor_;
};

std::vector<Loop*> ReactorServer::loops() {
  std::vector<Loop*> loops;
  for (const auto& loop : loops_) loops.push_back(loop.get());
  return loops;
}

Result<> ReactorServer::start(OnRequest on_request) {
  on_request_ = std::move(on_request);
  const auto max_connections = fitting_connections(options_.limits.max_connections);
  if (max_connections < options_.limits.max_connections) {
    log::warning("the limit on open files lowers max_connections to " + std::to_string(max_connections),
                 {.component = "net"});
  }
  for (const auto& loop : loops_) {
    tables_.push_back(std::make_unique<ConnectionTable>(*loop, options_, max_connections, gauges_, on_request_));
  }
  try {
    threads_ = std::make_unique<IoThreads>(loops());
  } catch (const std::exception& error) {
    return failure(Code::unavailable, std::string("I/O threads: ") + error.what());
  }
  on_every_table([](ConnectionTable& table) { table.route()->set_thread(); });
  auto acceptor = Acceptor::listen(
      options_.ip, options_.port, [this](UniqueFd fd, std::string peer) { hand_over(std::move(fd), std::move(peer)); });
  if (!acceptor) return failure(std::move(acceptor.error()));
  acceptor_ = *std::move(acceptor);
  port_ = acceptor_->port();
  return {};
}

// To the thread with the fewest connections; in turn among equals, for the counts lag behind a burst.
void ReactorServer::hand_over(UniqueFd fd, std::string peer) {
  auto chosen = next_table_++ % tables_.size();
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i]->size() < tables_[chosen]->size()) chosen = i;
  }
  // A std::function must be copyable, though nobody copies this one.
  auto shared_fd = std::make_shared<UniqueFd>(std::move(fd));
  loops_[chosen]->post([table = tables_[chosen].get(), shared_fd, peer = std::move(peer)]() mutable {
    table->add(std::move(*shared_fd), std::move(peer));
  });
}

void ReactorServer::on_every_table(const std::function<void(ConnectionTable&)>& task) {
  // Shared, because whoever counts down last is not done with it when the waiter goes on.
  auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(tables_.size()));
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    loops_[i]->post([&task, done, table = tables_[i].get()] {
      task(*table);
      done->count_down();
    });
  }
  done->wait();
}

void ReactorServer::drain(std::chrono::milliseconds grace) {
  if (!threads_) return;
  const auto deadline = std::chrono::steady_clock::now() + grace;
  acceptor_.reset();
  on_every_table([](ConnectionTable& table) { table.begin_drain(); });
  gauges_->wait_until_quiet(deadline);
  on_every_table([](ConnectionTable& table) { table.close_all(); });
}

ReactorServer::~ReactorServer() {
  acceptor_.reset();
  if (threads_) on_every_table([](ConnectionTable& table) { table.close_all(); });
  for (const auto& table : tables_) table->route()->close();
  threads_.reset();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(Options options) {
  options.io_threads = std::max<std::size_t>(options.io_threads, 1);
  options.limits.max_pipelined = std::max<std::size_t>(options.limits.max_pipelined, 1);
  std::vector<std::unique_ptr<Loop>> loops;
  for (std::size_t i = 0; i < options.io_threads; ++i) {
    auto loop = Loop::create();
    if (!loop) return failure(std::move(loop.error()));
    loops.push_back(*std::move(loop));
  }
  return std::unique_ptr<Server>(std::make_unique<ReactorServer>(std::move(options), std::move(loops)));
}

}  // namespace berth::net
