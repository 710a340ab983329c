// SPDX-License-Identifier: Apache-2.0
#include "net/running_server.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

namespace berth::test {

namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

}  // namespace

RunningServer::RunningServer(net::Options options) {
  options.port = 0;
  auto server = net::Server::create(std::move(options));
  if (!server) give_up(server.error().message);
  server_ = *std::move(server);
  const auto started = server_->start(
      [this](http::Request&& request, http::Reply&& reply) { handle(std::move(request), std::move(reply)); });
  if (!started) give_up(started.error().message);
}

RunningServer::~RunningServer() { server_.reset(); }

void RunningServer::handle(http::Request&& request, http::Reply&& reply) {
  {
    Lock lock(mutex_);
    seen_.push_back(request.path);
    if (request.path.starts_with("/hold")) {
      held_.push_back({std::move(request), std::move(reply)});
      arrived_.notify_all();
      return;
    }
  }
  if (request.path == "/forget") return;
  if (request.path == "/throw") throw 42;
  if (request.path == "/echo") {
    reply.send(http::Response::bytes(200, "application/octet-stream", request.body));
  } else {
    reply.send(http::Response::text(200, request.method + " " + request.path));
  }
}

HeldRequest RunningServer::take_held() {
  const auto deadline = std::chrono::steady_clock::now() + Wire::kPatience;
  Lock lock(mutex_);
  while (held_.empty()) {
    if (!arrived_.wait_until(mutex_, deadline)) give_up("no request came to be held");
  }
  auto first = std::move(held_.front());
  held_.erase(held_.begin());
  return first;
}

std::vector<std::string> RunningServer::seen() {
  Lock lock(mutex_);
  return seen_;
}

bool RunningServer::wait_for(const std::function<bool(const net::Server::Figures&)>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + Wire::kPatience;
  while (!condition(server_->figures())) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // figures tell nobody when they change
  }
  return true;
}

net::Options with_limits(const net::Limits& limits) {
  net::Options options;
  options.limits = limits;
  return options;
}

}  // namespace berth::test
