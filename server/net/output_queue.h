// SPDX-License-Identifier: Apache-2.0
// OutputQueue: bytes on their way to one client.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "base/bytes.h"

namespace berth::net {

// Heads and bodies go out together without being copied into one piece. [io]
class OutputQueue {
 public:
  enum class Outcome { all_sent, blocked, broken };

  void push(std::string head, Bytes body);
  bool empty() const { return pieces_.empty(); }
  std::size_t bytes() const { return bytes_; }  // that wait

  // Sends until everything went, the socket takes no more (`blocked`), or the client is gone (`broken`).
  Outcome flush(int fd);
  // Bytes that the socket took in the last flush.
  std::size_t last_sent() const { return last_sent_; }

 private:
  struct Piece {
    std::string head;
    Bytes body;
    std::size_t size() const { return head.size() + body.size(); }
  };

  void drop_front(std::size_t count);

  std::deque<Piece> pieces_;
  std::size_t bytes_ = 0;
  std::size_t front_sent_ = 0;  // bytes of the first piece
  std::size_t last_sent_ = 0;
};

}  // namespace berth::net
