// SPDX-License-Identifier: Apache-2.0
// HttpClient: one keep-alive connection for tests and benchmarks; blocking, plain, and cheap beside a server on two
// cores.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace berth::test {

struct HttpAnswer {
  int status = 0;                              // 0: no answer came; `body` says why
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const;
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(60));

  // Before the first request: which of this machine's addresses it calls from, such as 127.0.0.2.
  void call_from(const std::string& address) { own_address_ = address; }

  // With each request from now on; "": with none.
  void show_key(std::string key) { key_ = std::move(key); }

  using Headers = std::vector<std::pair<std::string, std::string>>;

  // Sends one request and waits for its answer; connects first where needed.
  HttpAnswer send(std::string_view method, std::string_view target, const Headers& headers = {},
                  std::string_view body = {});
  HttpAnswer get(std::string_view target) { return send("GET", target); }
  HttpAnswer post_json(std::string_view target, std::string_view json) {
    return send("POST", target, {{"Content-Type", "application/json"}}, json);
  }

  // The bytes of a request, for those who send the same one many times.
  static std::string format(std::string_view method, std::string_view target, const Headers& headers,
                            std::string_view body);
  // Sends bytes as they are and reads one answer. `head_only`: it has no body whatever Content-Length says.
  HttpAnswer exchange(std::string_view bytes, bool head_only = false);

  void close() { socket_.reset(); }

 private:
  bool connect();
  bool send_all(std::string_view bytes);
  bool receive_more();

  std::uint16_t port_;
  std::chrono::milliseconds timeout_;
  std::string own_address_;
  std::string key_;
  UniqueFd socket_;
  std::string buffer_;
};

// One part of a multipart body; a file where `file_name` is not empty.
struct FormPart {
  std::string name;
  std::string content;
  std::string file_name = {};
  std::string content_type = {};
};
// The body and its Content-Type.
std::pair<std::string, std::string> multipart(const std::vector<FormPart>& parts);

}  // namespace berth::test
