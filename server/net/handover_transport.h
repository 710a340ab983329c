// SPDX-License-Identifier: Apache-2.0
// HandoverTransport: takes accepted sockets out of Pistache's hands, one at a time, none lost.
#pragma once

#include <pistache/peer.h>
#include <pistache/transport.h>

#include <cstdint>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace berth::net {

class Arrivals;

// Pistache's accept thread pushes new peers into the transport's queue, whose eventfd wakes the transport's thread.
// PollableQueue::pop() drains that eventfd *after* an empty look: a peer pushed in between is in the queue, and nobody
// is woken for it. Watched edge-triggered for reading and writing, an eventfd reports every write to it, drained or not
// (it is always writable, so there is always something to report), and the peer is seen on the next turn.
// tests/net/eventfd_edge_test.cpp holds the kernel to that.
class HandoverTransport : public Pistache::Tcp::Transport {
 public:
  // Gets the descriptor, which is then its alone, and the client's address. [the transport's thread]
  using OnConnection = std::function<void(UniqueFd, std::string peer)>;

  static std::shared_ptr<HandoverTransport> create(OnConnection on_connection);

  // Sends a peer of our own through the queue and waits until it came out: now the queue's eventfd is known and watched
  // as it must be. Call once, when the listener runs and before anybody counts on it.
  void learn_queue();

  // Closes what was accepted and not handed over, which Pistache would leak. Only when the listener's threads are gone.
  void close_leftovers();

  // The one worker's handler is the prototype itself, so that we can keep hold of it.
  std::shared_ptr<Pistache::Aio::Handler> clone() const override;
  void onReady(const Pistache::Aio::FdSet& ready) override;

 private:
  HandoverTransport(std::shared_ptr<Arrivals> arrivals, OnConnection on_connection);
  void watch_edges(Pistache::Polling::Tag tag);
  void look_into_queue();
  void hand_over();

  std::shared_ptr<Arrivals> arrivals_;
  OnConnection on_connection_;
  std::weak_ptr<HandoverTransport> self_;
  const Pistache::Tcp::Peer* first_ = nullptr;  // only to be told from the others
  std::latch learned_{1};
  std::uint64_t queue_ = 0;  // the eventfd's number, which is its tag; 0 while unknown
};

}  // namespace berth::net
