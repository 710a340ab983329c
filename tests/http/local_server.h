// SPDX-License-Identifier: Apache-2.0
// LocalServer: answers on a free port of 127.0.0.1, or of another address, with whatever bytes a test wants.
#pragma once

#include <arpa/inet.h>
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
    std::string header;  // the request's, whole

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

  // Throws std::runtime_error where it cannot listen there: the port is taken, or there is no IPv6.
  explicit LocalServer(std::function<void(const Peer&)> answer, std::string ip = "127.0.0.1", std::uint16_t port = 0)
      : answer_(std::move(answer)), ip_(std::move(ip)) {
    const bool is_v6 = ip_.find(':') != ip_.npos;
    listener_ = UniqueFd(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    port_ = is_v6 ? listen_on<sockaddr_in6>(AF_INET6, &sockaddr_in6::sin6_addr, &sockaddr_in6::sin6_port, port)
                  : listen_on<sockaddr_in>(AF_INET, &sockaddr_in::sin_addr, &sockaddr_in::sin_port, port);
    acceptor_ = std::jthread([this] { accept_all(); });
  }
  ~LocalServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    connections_.clear();
  }

  std::uint16_t port() const { return port_; }
  std::string address() const {
    const auto host = ip_.find(':') == ip_.npos ? ip_ : std::string("[").append(ip_).append("]");
    return std::string(host).append(":").append(std::to_string(port_));
  }
  std::string url(const std::string& path) const { return std::string("http://").append(address()).append(path); }
  int connections() const { return count_; }

 private:
  // The port. An address of its family travels as bytes: the sockets' interface knows one type for all.
  template <class Address, class Ip>
  std::uint16_t listen_on(sa_family_t family, Ip Address::*ip, in_port_t Address::*port, std::uint16_t wanted) {
    Address address{};
    socklen_t length = sizeof address;
    std::memcpy(&address, &family, sizeof family);
    address.*port = htons(wanted);
    auto* const generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    if (::inet_pton(family, ip_.c_str(), &(address.*ip)) != 1 || ::bind(listener_.get(), generic, length) != 0 ||
        ::listen(listener_.get(), 16) != 0 || ::getsockname(listener_.get(), generic, &length) != 0) {
      throw std::runtime_error("cannot listen");
    }
    return ntohs(address.*port);
  }

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
    answer_({fd, header.substr(begin, header.find(' ', begin) - begin), header});
  }

  std::function<void(const Peer&)> answer_;
  std::string ip_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> count_ = 0;
  std::vector<std::jthread> connections_;
  std::jthread acceptor_;
};

}  // namespace berth::http
