// SPDX-License-Identifier: Apache-2.0
// RunningServer: a network layer on a free port, with a handler that tests steer.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/server.h"
#include "net/wire.h"

namespace berth::test {

// A request that the handler kept, for the test to answer.
struct HeldRequest {
  http::Request request;
  http::Reply reply;
};

// What it answers, by path:
//   /echo   the request's body
//   /hold…  nothing; see take_held()
//   /throw  by an exception
//   /forget by dropping the reply
//   else    the method and path as text
class RunningServer {
 public:
  explicit RunningServer(net::Options options = {});
  ~RunningServer();

  std::uint16_t port() const { return server_->port(); }
  net::Server& server() { return *server_; }
  Wire connect() { return Wire(port()); }
  void stop() { server_.reset(); }

  // Waits for the next request to /hold…; aborts where none comes.
  HeldRequest take_held();
  // The paths of all requests so far.
  std::vector<std::string> seen();
  // Waits until `condition` holds for the figures; false where it does not come to that.
  bool wait_for(const std::function<bool(const net::Server::Figures&)>& condition);

 private:
  void handle(http::Request&& request, http::Reply&& reply);

  Mutex mutex_;
  Condition arrived_;
  std::vector<HeldRequest> held_ BERTH_GUARDED_BY(mutex_);
  std::vector<std::string> seen_ BERTH_GUARDED_BY(mutex_);
  std::unique_ptr<net::Server> server_;
};

net::Options with_limits(const net::Limits& limits);

}  // namespace berth::test
