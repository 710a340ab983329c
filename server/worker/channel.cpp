// SPDX-License-Identifier: Apache-2.0
#include "worker/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace berth::worker {
namespace {

struct Header {
  std::uint8_t type;
  std::uint8_t spilled;  // 1: the body lies in shared memory, and the packet says where
  std::uint8_t unused[6];
};
static_assert(sizeof(Header) == 8);

tl::unexpected<Error> socket_failure(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return failure(Code::busy, "the socket is not ready");
  return failure(Code::cancelled, std::string("the other process is gone: ") + std::strerror(error));
}

UniqueFd above_stdio(int fd) {
  if (fd > 2) return UniqueFd(fd);
  const UniqueFd low(fd);
  return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> make_channel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return failure(Code::unavailable, std::string("cannot make a socket: ") + std::strerror(errno));
  }
  auto pair = std::make_pair(above_stdio(ends[0]), above_stdio(ends[1]));
  if (!pair.first || !pair.second) return failure(Code::unavailable, "no descriptors left");
  return pair;
}

Result<Outgoing> prepare(Message type, std::string_view body, Region* spill) {
  if (body.size() <= kMaxPacket - sizeof(Header)) return Outgoing{.type = type, .body = body};
  const auto offset = spill == nullptr ? std::nullopt : spill->put(body);
  if (!offset) return failure(Code::too_large, "the message does not fit");
  return Outgoing{.type = type, .spilled = true, .place = {*offset, body.size()}, .body = {}};
}

Result<> send(int fd, const Outgoing& outgoing, Wait wait) {
  Header header{static_cast<std::uint8_t>(outgoing.type), static_cast<std::uint8_t>(outgoing.spilled ? 1 : 0), {}};
  auto body = outgoing.body;
  if (outgoing.spilled) {
    body = std::string_view(reinterpret_cast<const char*>(outgoing.place), sizeof(outgoing.place));
  }
  iovec parts[2] = {{&header, sizeof(header)}, {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  const int flags = MSG_NOSIGNAL | (wait == Wait::no ? MSG_DONTWAIT : 0);
  while (::sendmsg(fd, &message, flags) < 0) {
    if (errno != EINTR) return socket_failure(errno);
  }
  return {};
}

Result<> send(int fd, Message type, std::string_view body, Region* spill, Wait wait) {
  const auto outgoing = prepare(type, body, spill);
  return outgoing ? send(fd, *outgoing, wait) : failure(outgoing.error());
}

Result<> receive(int fd, Packet& packet, const Region* spill, Wait wait, std::size_t most) {
  ssize_t size = 0;
  // MSG_TRUNC: the packet's real size, so that one that was cut is noticed.
  const int flags = MSG_TRUNC | (wait == Wait::no ? MSG_DONTWAIT : 0);
  while ((size = ::recv(fd, packet.bytes, sizeof(packet.bytes), flags)) < 0) {
    if (errno != EINTR) return socket_failure(errno);
  }
  if (size == 0) return failure(Code::cancelled, "the other process is gone");
  const auto bytes = static_cast<std::size_t>(size);
  if (bytes < sizeof(Header) || bytes > sizeof(packet.bytes))
    return failure(Code::internal, "a packet of no known size");
  Header header;
  std::memcpy(&header, packet.bytes, sizeof(header));
  packet.type = static_cast<Message>(header.type);
  packet.body = std::string_view(packet.bytes, bytes).substr(sizeof(header));
  if (header.spilled == 0) return {};
  Reader reader(packet.body);
  const auto offset = reader.number<std::uint64_t>();
  const auto length = reader.number<std::uint64_t>();
  const auto body = spill == nullptr || !reader.finished() ? std::nullopt : spill->at(offset, length);
  if (!body) return failure(Code::internal, "a message that lies outside of shared memory");
  if (body->size() > most) return failure(Code::internal, "a message that is too long");
  packet.copy = std::string(*body);  // not assign(): the largest one's memory would stay
  packet.body = packet.copy;
  return {};
}

}  // namespace berth::worker
