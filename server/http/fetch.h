// SPDX-License-Identifier: Apache-2.0
// Fetcher: gets files from URLs that clients name, without opening the inside of the network to them.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "http/fetch_guard.h"

namespace berth::http {

struct FetchOptions {
  FetchRules rules = {};
  std::size_t max_bytes = 64UL * 1024 * 1024;
  std::size_t max_redirects = 3;
  std::size_t max_at_once = 4;  // threads
  std::size_t max_queue = 64;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds total_timeout{30'000};  // all hops together
  std::size_t min_bytes_per_second = 1024;
  std::chrono::seconds low_speed_time{10};
};

struct FetchedFile {
  std::string file_name;     // the last segment of the final URL's path: a label, never a path to use
  std::string content_type;  // the server's claim; may be empty
  Bytes bytes;
};

class Fetcher {
 public:
  using Done = std::function<void(Result<FetchedFile>)>;

  // Starts the threads. invalid_argument: a bad entry in `rules`.
  static Result<std::unique_ptr<Fetcher>> create(FetchOptions options);
  // Gives up what runs or waits: cancelled. Returns within about a second.
  ~Fetcher();

  // Calls back once, on one of its threads, which `done` may keep for a short while only; on the calling thread where
  // the queue is full (busy). Errors: forbidden (the guard refuses URL, redirect or address), invalid_argument (no
  // URL), too_large, timeout, busy, cancelled, unavailable (anything that the other side or the way to it caused, a
  // status other than 2xx included). Their messages are for the client. [any]
  void fetch(std::string url, Done done);

 private:
  struct State;
  explicit Fetcher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace berth::http
