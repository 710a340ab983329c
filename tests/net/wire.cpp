// SPDX-License-Identifier: Apache-2.0
#include "net/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace berth::test {

std::string WireResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

Wire::Wire(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int one = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::abort();
  }
}

bool Wire::wait_for(short events, std::chrono::milliseconds time) const {
  pollfd entry{.fd = fd_.get(), .events = events, .revents = 0};
  return ::poll(&entry, 1, static_cast<int>(time.count())) > 0;
}

bool Wire::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send_what_fits(bytes);
    bytes.remove_prefix(sent);
    if (sent > 0) continue;
    if (errno != EAGAIN || !wait_for(POLLOUT, kPatience)) return false;
  }
  return true;
}

bool Wire::send_bytewise(std::string_view bytes) {
  for (const char& c : bytes) {
    if (!send({&c, 1})) return false;
  }
  return true;
}

std::size_t Wire::send_what_fits(std::string_view bytes) {
  const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

bool Wire::takes_more(std::chrono::milliseconds time) const { return wait_for(POLLOUT, time); }

void Wire::shutdown_write() { ::shutdown(fd_.get(), SHUT_WR); }

void Wire::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
}

bool Wire::receive() {
  std::array<char, 65536> chunk;
  if (!wait_for(POLLIN, kPatience)) return false;
  const auto received = ::recv(fd_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (received <= 0) return false;
  buffer_.append(chunk.data(), static_cast<std::size_t>(received));
  return true;
}

std::optional<WireResponse> Wire::read(bool head_only) {
  std::size_t head_end = 0;
  while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return std::nullopt;
  }
  WireResponse response;
  const std::string head = buffer_.substr(0, head_end + 2);
  if (!head.starts_with("HTTP/1.1 ")) return std::nullopt;
  response.status = std::atoi(head.c_str() + 9);
  for (auto start = head.find("\r\n") + 2; start < head.size();) {
    const auto end = head.find("\r\n", start);
    const auto colon = head.find(": ", start);
    auto name = head.substr(start, colon - start);
    for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    response.headers.emplace_back(std::move(name), head.substr(colon + 2, end - colon - 2));
    start = end + 2;
  }
  buffer_.erase(0, head_end + 4);
  const auto length = head_only ? 0 : static_cast<std::size_t>(std::atoll(response.header("content-length").c_str()));
  while (buffer_.size() < length) {
    if (!receive()) return std::nullopt;
  }
  response.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return response;
}

bool Wire::read_to_end(std::string& bytes) {
  while (receive()) {
  }
  bytes = std::exchange(buffer_, {});
  char byte = 0;
  const auto left = ::recv(fd_.get(), &byte, 1, MSG_DONTWAIT);
  return left == 0 || (left < 0 && errno != EAGAIN);
}

bool Wire::stays_silent(std::chrono::milliseconds time) { return buffer_.empty() && !wait_for(POLLIN, time); }

std::string numbered(std::string_view text, int number) { return std::string(text) + std::to_string(number); }

std::string get(std::string_view path, std::string_view more_headers) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more_headers) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view more_headers) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more_headers) + "\r\n" + std::string(body);
}

}  // namespace berth::test
