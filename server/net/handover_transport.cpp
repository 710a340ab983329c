// SPDX-License-Identifier: Apache-2.0
#include "net/handover_transport.h"

#include <sys/eventfd.h>

#include <utility>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BERTH_UNDER_TSAN
#endif
#elif defined(__SANITIZE_THREAD__)
#define BERTH_UNDER_TSAN
#endif

#if defined(BERTH_UNDER_TSAN)
// The packaged Pistache is not instrumented, so the sanitizer does not see that its queue orders what its accept thread
// did with a peer before what we do with it. These functions run on that thread alone.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions();  // NOLINT
extern "C" const char* __tsan_default_suppressions() {                                        // NOLINT
  return "race:Pistache::Tcp::Listener::handleNewConnection\n"
         "race:Pistache::Tcp::Listener::acceptConnection\n"
         "race:Pistache::Tcp::Peer::Create\n";
}
#endif

namespace berth::net {

namespace aio = Pistache::Aio;
namespace polling = Pistache::Polling;
namespace tcp = Pistache::Tcp;

namespace {
// Thrown through Pistache's queue handling to leave it before it touches the listener's reactor, which is gone by then.
struct ListenerIsGone {};
}  // namespace

// Collects the peers that Pistache reports.
class Arrivals : public tcp::Handler {
 public:
  void onInput(const char*, std::size_t, const std::shared_ptr<tcp::Peer>&) override {}
  void onConnection(const std::shared_ptr<tcp::Peer>& peer) override {
    peers_.push_back(peer);
    if (listener_is_gone_) throw ListenerIsGone{};
  }
  std::shared_ptr<tcp::Handler> clone() const override { return std::make_shared<Arrivals>(); }

  std::vector<std::shared_ptr<tcp::Peer>> take() { return std::exchange(peers_, {}); }
  void set_listener_is_gone() { listener_is_gone_ = true; }

 private:
  std::vector<std::shared_ptr<tcp::Peer>> peers_;
  bool listener_is_gone_ = false;
};

std::shared_ptr<HandoverTransport> HandoverTransport::create(OnConnection on_connection) {
  std::shared_ptr<HandoverTransport> made(
      new HandoverTransport(std::make_shared<Arrivals>(), std::move(on_connection)));
  made->self_ = made;
  return made;
}

HandoverTransport::HandoverTransport(std::shared_ptr<Arrivals> arrivals, OnConnection on_connection)
    : tcp::Transport(arrivals), arrivals_(std::move(arrivals)), on_connection_(std::move(on_connection)) {}

std::shared_ptr<aio::Handler> HandoverTransport::clone() const { return self_.lock(); }

void HandoverTransport::learn_queue() {
  const auto first = tcp::Peer::Create(::eventfd(0, EFD_CLOEXEC), Pistache::Address());
  first_ = first.get();
  handleNewPeer(first);
  learned_.wait();
}

void HandoverTransport::onReady(const aio::FdSet& ready) {
  for (const auto& entry : ready) {
    if (queue_ == 0) watch_edges(entry.getTag());
    if (entry.getTag().value() != queue_) continue;
    look_into_queue();
    hand_over();
  }
}

// The queue of new peers is the only one of the transport's queues that anybody writes to.
void HandoverTransport::watch_edges(polling::Tag tag) {
  queue_ = tag.value();
  reactor()->modifyFd(key(), static_cast<int>(queue_), polling::NotifyOn::Read | polling::NotifyOn::Write, tag,
                      polling::Mode::Edge);
}

void HandoverTransport::look_into_queue() {
  std::vector<polling::Event> events;
  events.emplace_back(polling::Tag(queue_));
  tcp::Transport::onReady(aio::FdSet(std::move(events)));
}

// From here on the descriptor is out of Pistache's poller and table, and Peer does not close it: we do.
void HandoverTransport::hand_over() {
  for (const auto& peer : arrivals_->take()) {
    UniqueFd fd(peer->fd());
    reactor()->removeFd(key(), fd.get());
    peers.erase(fd.get());
    if (peer.get() == first_) {
      first_ = nullptr;
      learned_.count_down();
    } else {
      on_connection_(std::move(fd), peer->address().host());
    }
  }
}

void HandoverTransport::close_leftovers() {
  arrivals_->set_listener_is_gone();
  for (bool more = true; more;) {
    more = false;
    try {
      look_into_queue();
    } catch (const ListenerIsGone&) {
      more = true;
    }
    for (const auto& peer : arrivals_->take()) UniqueFd(peer->fd()).reset();
  }
}

}  // namespace berth::net
