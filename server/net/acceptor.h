// SPDX-License-Identifier: Apache-2.0
// Acceptor: listens on one address and hands every accepted connection over.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::net {

// Two threads of Pistache's stand behind it: one accepts, one hands over. No connection's traffic passes through them.
class Acceptor {
 public:
  // Gets the connection (non-blocking, close-on-exec) and the client's address without its port, on the acceptor's
  // thread. Must not block.
  using OnConnection = std::function<void(UniqueFd, std::string peer)>;

  // Binds and starts to accept; port 0 takes any free one. unavailable: the address cannot be bound (the message names
  // it and the reason).
  static Result<std::unique_ptr<Acceptor>> listen(const std::string& ip, std::uint16_t port,
                                                  OnConnection on_connection);

  // Stops accepting and closes the listening socket. When it returns, on_connection runs no more; connections that were
  // accepted and not yet handed over are closed.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  std::uint16_t port() const;

 private:
  struct State;
  explicit Acceptor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace berth::net
