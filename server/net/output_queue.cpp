// SPDX-License-Identifier: Apache-2.0
#include "net/output_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace berth::net {

namespace {

constexpr std::size_t kMaxParts = 32;

// The parts of one sendmsg; sendmsg rather than writev, for MSG_NOSIGNAL.
struct Parts {
  std::array<iovec, kMaxParts> list;
  std::size_t count = 0;
  std::size_t bytes = 0;

  void add(std::string_view part) {
    if (part.empty()) return;
    list[count++] = {const_cast<char*>(part.data()), part.size()};
    bytes += part.size();
  }
};

}  // namespace

void OutputQueue::push(std::string head, Bytes body) {
  pieces_.push_back({std::move(head), std::move(body)});
  bytes_ += pieces_.back().size();
}

OutputQueue::Outcome OutputQueue::flush(int fd) {
  last_sent_ = 0;
  while (!pieces_.empty()) {
    Parts parts;
    auto skip = front_sent_;
    for (const auto& piece : pieces_) {
      if (parts.count + 2 > kMaxParts) break;
      const auto in_head = std::min(skip, piece.head.size());
      parts.add(std::string_view(piece.head).substr(in_head));
      parts.add(piece.body.view().substr(skip - in_head));
      skip = 0;
    }
    msghdr message{};
    message.msg_iov = parts.list.data();
    message.msg_iovlen = parts.count;
    const auto sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::blocked : Outcome::broken;
    last_sent_ += static_cast<std::size_t>(sent);
    drop_front(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < parts.bytes) return Outcome::blocked;
  }
  return Outcome::all_sent;
}

void OutputQueue::drop_front(std::size_t count) {
  bytes_ -= count;
  front_sent_ += count;
  while (!pieces_.empty() && front_sent_ >= pieces_.front().size()) {
    front_sent_ -= pieces_.front().size();
    pieces_.pop_front();
  }
}

}  // namespace berth::net
