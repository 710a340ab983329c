// SPDX-License-Identifier: Apache-2.0
// Response and Reply: what goes back to a client, and the one chance to send it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/request.h"

namespace berth::http {

// Content-Length, Date, Server, Connection and X-Request-Id are added when it is sent; `headers` holds the others.
struct Response {
  int status = 200;
  Pairs headers = {};
  Bytes body = {};

  static Response json(int status, std::string text);  // application/json
  static Response text(int status, std::string text);  // text/plain; charset=utf-8
  static Response empty(int status);
  static Response bytes(int status, std::string_view content_type, Bytes body);
};

// Where a Reply delivers; the network layer implements it, and tests do.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  // Called exactly once, from any thread.
  virtual void deliver(Response response) = 0;
};

// The right to answer one request, once, from any thread. Move-only. Destroyed unsent, it answers 500, so that no
// client waits for an answer that was forgotten.
class Reply {
 public:
  Reply() = default;
  explicit Reply(std::unique_ptr<ReplySink> sink) : sink_(std::move(sink)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();

  // Never blocks; a reply to a client that has left is dropped. A second call is a programming error and does nothing.
  // [any]
  void send(Response response);

  // What it delivers to, for whoever puts something of their own between; it can then send no more.
  std::unique_ptr<ReplySink> release() { return std::move(sink_); }

  explicit operator bool() const { return sink_ != nullptr; }

 private:
  std::unique_ptr<ReplySink> sink_;
};

}  // namespace berth::http
