// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.h"

#include <pistache/listener.h>
#include <pthread.h>

#include <array>
#include <exception>
#include <optional>
#include <utility>

#include "net/blocked_signals.h"
#include "net/handover_transport.h"

namespace berth::net {

namespace {

namespace tcp = Pistache::Tcp;

constexpr int kBacklog = 1024;  // the kernel lowers it to net.core.somaxconn

std::string bracketed(const std::string& ip) { return ip.find(':') == std::string::npos ? ip : "[" + ip + "]"; }

// Pistache insists on a handler besides the transport's own; nothing ever reaches it.
class NoHandler : public tcp::Handler {
 public:
  void onInput(const char*, std::size_t, const std::shared_ptr<tcp::Peer>&) override {}
  std::shared_ptr<tcp::Handler> clone() const override { return std::make_shared<NoHandler>(); }
};

// Pistache names its transport's thread and not the one that accepts; a thread is born with the name of the one that
// starts it.
class NameForNewThreads {
 public:
  explicit NameForNewThreads(const char* name) {
    ::pthread_getname_np(::pthread_self(), before_.data(), before_.size());
    ::pthread_setname_np(::pthread_self(), name);
  }
  ~NameForNewThreads() { ::pthread_setname_np(::pthread_self(), before_.data()); }
  NameForNewThreads(const NameForNewThreads&) = delete;
  NameForNewThreads& operator=(const NameForNewThreads&) = delete;

 private:
  std::array<char, 16> before_{};  // as long as the kernel lets a name be
};

}  // namespace

struct Acceptor::State {
  std::shared_ptr<HandoverTransport> transport;
  std::optional<tcp::Listener> listener;
};

Result<std::unique_ptr<Acceptor>> Acceptor::listen(const std::string& ip, std::uint16_t port,
                                                   OnConnection on_connection) {
  auto state = std::make_unique<State>();
  try {
    const BlockedSignals blocked;
    const NameForNewThreads accepting("berth-accept");
    state->transport = HandoverTransport::create(std::move(on_connection));
    auto& listener = state->listener.emplace(Pistache::Address(bracketed(ip), Pistache::Port(port)));
    using tcp::Options;
    const Pistache::Flags<Options> options(Options::ReuseAddr | Options::NoDelay | Options::CloseOnExec);
    listener.init(1, options, "berth-handover", kBacklog);
    listener.setTransportFactory([transport = state->transport] { return transport; });
    listener.setHandler(std::make_shared<NoHandler>());
    listener.bind();
    listener.runThreaded();
    state->transport->learn_queue();
  } catch (const std::exception& error) {
    return failure(Code::unavailable,
                   "cannot listen on " + bracketed(ip) + ":" + std::to_string(port) + ": " + error.what());
  }
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(state)));
}

Acceptor::Acceptor(std::unique_ptr<State> state) : state_(std::move(state)) {}

Acceptor::~Acceptor() {
  state_->listener.reset();  // joins the accepting and the handing-over thread, closes the listening socket
  state_->transport->close_leftovers();
}

std::uint16_t Acceptor::port() const { return state_->listener->getPort(); }

}  // namespace berth::net
