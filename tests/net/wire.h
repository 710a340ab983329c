// SPDX-License-Identifier: Apache-2.0
// Wire: a client that sends exactly the bytes it is told to, and reads what comes back.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace berth::test {

struct WireResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  std::string header(std::string_view name) const;  // "" where absent
};

// Everything waits at most kPatience; what did not come by then did not come.
class Wire {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  // Connects to 127.0.0.1; aborts the test program where that fails.
  explicit Wire(std::uint16_t port);

  // False where the server has closed or does not take the bytes in time.
  bool send(std::string_view bytes);
  bool send_bytewise(std::string_view bytes);
  // As much as the socket takes without waiting; how much that was.
  std::size_t send_what_fits(std::string_view bytes);
  // Whether the socket has room for more within that time.
  bool takes_more(std::chrono::milliseconds time) const;
  void shutdown_write();
  void reset();  // closes with a RST

  // The next response; nullopt where the connection ended or nothing came. 1xx responses count. `head_only`: it has no
  // body, whatever it announces.
  std::optional<WireResponse> read(bool head_only = false);
  // Reads whatever comes until the server closes; false where it does not.
  bool read_to_end(std::string& bytes);
  bool ends() {
    std::string rest;
    return read_to_end(rest) && rest.empty();
  }
  // Whether nothing comes for that long, and the connection stays open.
  bool stays_silent(std::chrono::milliseconds time);
  int fd() const { return fd_.get(); }

 private:
  bool receive();  // more into buffer_; false at the end
  bool wait_for(short events, std::chrono::milliseconds time) const;

  UniqueFd fd_;
  std::string buffer_;
};

std::string numbered(std::string_view text, int number);  // "text7"
std::string get(std::string_view path, std::string_view more_headers = "");
std::string post(std::string_view path, std::string_view body, std::string_view more_headers = "");

}  // namespace berth::test
