// SPDX-License-Identifier: Apache-2.0
// LocalServer: answers on a free port of 127.0.0.1 with whatever bytes a test wants.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace berth::http {

class LocalServer {
 public:
  // One accepted connection; its request's header was read.
  struct Peer {
    int fd;
    std::string path;

    // False once the client has left.
    bool send(std::string_view bytes) const {
      while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }
    // Returns when the client has left.
    void wait_for_close() const {
      std::array<char, 256> buffer;
      while (::recv(fd, buffer.data(), buffer.size(), 0) > 0) {
      }
    }
  };

  explicit LocalServer(std::function<void(const Peer&)> answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    sockaddr generic{};
    std::memcpy(&generic, &address, sizeof generic);
    if (::bind(listener_.get(), &generic, length) != 0 || ::listen(listener_.get(), 16) != 0 ||
        ::getsockname(listener_.get(), &generic, &length) != 0) {
      throw std::runtime_error("cannot listen");
    }
    std::memcpy(&address, &generic, sizeof address);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this] { accept_all(); });
  }
  ~LocalServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    connections_.clear();
  }

  std::uint16_t port() const { return port_; }
  std::string address() const { return std::string("127.0.0.1:").append(std::to_string(port_)); }
  std::string url(const std::string& path) const { return std::string("http://").append(address()).append(path); }
  int connections() const { return count_; }

 private:
  void accept_all() {
    for (;;) {
      UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) return;
      ++count_;
      connections_.emplace_back([this, fd = std::move(connection)] { serve(fd.get()); });
    }
  }

  void serve(int fd) const {
    std::string header;
    std::array<char, 1024> buffer;
    while (header.find("\r\n\r\n") == header.npos) {
      const auto size = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      header.append(buffer.data(), static_cast<std::size_t>(size));
    }
    const auto begin = header.find(' ') + 1;
    answer_({fd, header.substr(begin, header.find(' ', begin) - begin)});
  }

  std::function<void(const Peer&)> answer_;
  UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port_ = 0;
  std::atomic<int> count_ = 0;
  std::vector<std::jthread> connections_;
  std::jthread acceptor_;
};

}  // namespace berth::http
