// SPDX-License-Identifier: Apache-2.0
#include "net/io_threads.h"

#include <pistache/reactor.h>

#include <utility>

#include "net/blocked_signals.h"

namespace berth::net {

namespace {

namespace aio = Pistache::Aio;
namespace polling = Pistache::Polling;

// Pistache clones its prototype once for each thread, in order, while it is being added: each clone takes the next
// loop.
class LoopHandler : public aio::Handler {
 public:
  explicit LoopHandler(const std::vector<Loop*>& loops) : loops_(loops) {}
  LoopHandler(const std::vector<Loop*>& loops, Loop* loop) : loops_(loops), loop_(loop) {}

  std::shared_ptr<aio::Handler> clone() const override {
    return std::make_shared<LoopHandler>(loops_, loops_.at(next_++));
  }
  void registerPoller(polling::Epoll& poller) override {
    poller.addFd(loop_->fd(), Pistache::Flags<polling::NotifyOn>(polling::NotifyOn::Read),
                 polling::Tag(static_cast<std::uint64_t>(loop_->fd())));
  }
  void onReady(const aio::FdSet&) override { loop_->run_ready(); }

 private:
  std::vector<Loop*> loops_;
  Loop* loop_ = nullptr;
  mutable std::size_t next_ = 0;
};

}  // namespace

struct IoThreads::State {
  std::shared_ptr<aio::Reactor> reactor = aio::Reactor::create();
};

IoThreads::IoThreads(const std::vector<Loop*>& loops) : state_(std::make_unique<State>()) {
  const BlockedSignals blocked;
  state_->reactor->init(aio::AsyncContext(loops.size(), "berth-io"));
  state_->reactor->addHandler(std::make_shared<LoopHandler>(loops));
  state_->reactor->run();
}

IoThreads::~IoThreads() { state_->reactor->shutdown(); }

}  // namespace berth::net
