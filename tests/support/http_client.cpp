// SPDX-License-Identifier: Apache-2.0
#include "support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace berth::test {

namespace {

HttpAnswer no_answer(std::string why) { return HttpAnswer{.status = 0, .headers = {}, .body = std::move(why)}; }

HttpAnswer parse_head(std::string_view head) {
  HttpAnswer answer;
  if (head.size() > 12) std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  auto rest = head.substr(head.find("\r\n") + 2);
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    if (const auto colon = line.find(": "); colon != std::string_view::npos) {
      std::string name(line.substr(0, colon));
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      answer.headers.emplace(std::move(name), line.substr(colon + 2));
    }
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
  }
  return answer;
}

}  // namespace

std::string HttpAnswer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

HttpClient::HttpClient(std::uint16_t port, std::chrono::milliseconds timeout) : port_(port), timeout_(timeout) {}

bool HttpClient::connect() {
  buffer_.clear();
  socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval timeout{};
  timeout.tv_sec = timeout_.count() / 1000;
  timeout.tv_usec = (timeout_.count() % 1000) * 1000;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  if (!own_address_.empty() && (::inet_pton(AF_INET, own_address_.c_str(), &own.sin_addr) != 1 ||
                                ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)) {
    socket_.reset();
    return false;
  }
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  socket_.reset();
  return false;
}

bool HttpClient::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::receive_more() {
  std::array<char, 64 * 1024> chunk;
  const auto got = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
  if (got <= 0) return false;
  buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

HttpAnswer HttpClient::exchange(std::string_view bytes, bool head_only) {
  if (!socket_ && !connect()) return no_answer(std::string("connect: ") + std::strerror(errno));
  // A server may answer and close before it has read everything: what it said still counts.
  const bool sent = send_all(bytes);
  std::size_t head_end = 0;
  HttpAnswer answer;
  while (true) {
    while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive_more()) {
        socket_.reset();
        return no_answer(sent ? "the connection ended before an answer" : "the request could not be sent");
      }
    }
    answer = parse_head(std::string_view(buffer_).substr(0, head_end));
    if (answer.status != 100) break;
    buffer_.erase(0, head_end + 4);
  }
  std::size_t length = 0;
  const auto announced = answer.header("content-length");
  std::from_chars(announced.data(), announced.data() + announced.size(), length);
  if (head_only || answer.status == 204) length = 0;
  const auto total = head_end + 4 + length;
  while (buffer_.size() < total) {
    if (!receive_more()) {
      socket_.reset();
      return no_answer("the connection ended within an answer");
    }
  }
  answer.body = buffer_.substr(head_end + 4, length);
  buffer_.erase(0, total);
  if (answer.header("connection") == "close") socket_.reset();
  return answer;
}

std::string HttpClient::format(std::string_view method, std::string_view target, const Headers& headers,
                               std::string_view body) {
  std::string bytes;
  bytes.reserve(256 + body.size());
  bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  for (const auto& [name, value] : headers) bytes.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty() || method == "POST" || method == "PUT") {
    bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  return bytes.append("\r\n").append(body);
}

HttpAnswer HttpClient::send(std::string_view method, std::string_view target, const Headers& headers,
                            std::string_view body) {
  auto all = headers;
  if (!key_.empty()) all.emplace_back("X-API-Key", key_);
  return exchange(format(method, target, all, body), method == "HEAD");
}

std::pair<std::string, std::string> multipart(const std::vector<FormPart>& parts) {
  const std::string boundary = "----berth-test-3c1f9a";
  std::string body;
  for (const auto& part : parts) {
    body.append("--")
        .append(boundary)
        .append("\r\nContent-Disposition: form-data; name=\"")
        .append(part.name)
        .append("\"");
    if (!part.file_name.empty()) body.append("; filename=\"").append(part.file_name).append("\"");
    if (!part.content_type.empty()) body.append("\r\nContent-Type: ").append(part.content_type);
    body.append("\r\n\r\n").append(part.content).append("\r\n");
  }
  body.append("--").append(boundary).append("--\r\n");
  return {std::move(body), "multipart/form-data; boundary=" + boundary};
}

}  // namespace berth::test
