// SPDX-License-Identifier: Apache-2.0
// Client: asks a Berth server over HTTP.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/call_inputs.h"

namespace berth::cli {

struct Answer {
  long status = 0;
  std::string content_type;
  std::string body;
  std::string next = {};  // what its Link header names, where that is the next page: "?until=…"
};

// An API key to show.
struct Key {
  std::string text = {};  // "": none
  bool is_guess = false;  // nobody named it: it is for a server that answers 401 without it, and no other sees it
};

class Client {
 public:
  // `url`: "http://127.0.0.1:5000", with the base path where there is one. invalid_argument: it is none.
  static Result<Client> create(std::string url, std::chrono::seconds timeout, Key key = {});

  const std::string& url() const { return url_; }

  // unavailable: nobody answers, and where; timeout.
  Result<Answer> get(const std::string& path) const;

  // `method` with a JSON body; an empty one is left out.
  Result<Answer> send(const std::string& method, const std::string& path, const std::string& json) const;

  // How much of a request went out; may be read from another thread.
  struct Sent {
    std::atomic<std::uint64_t> done = 0;
    std::atomic<std::uint64_t> total = 0;
  };
  // A form: multipart where there are files, urlencoded otherwise.
  Result<Answer> post(const std::string& path, const CallInputs& inputs, Sent& sent) const;

 private:
  Client(std::string url, std::chrono::seconds timeout, Key key)
      : url_(std::move(url)), timeout_(timeout), key_(std::move(key)) {}

  std::string url_;
  std::chrono::seconds timeout_;
  Key key_;
};

}  // namespace berth::cli
