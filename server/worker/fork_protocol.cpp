// SPDX-License-Identifier: Apache-2.0
#include "worker/fork_protocol.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "worker/channel.h"

namespace berth::worker {
namespace {

constexpr std::size_t kMaxFds = 8;
constexpr std::size_t kTextBytes = sizeof(std::uint64_t);  // that a text takes at least

using Control = std::array<char, CMSG_SPACE(kMaxFds * sizeof(int))>;

void write(Writer& writer, const std::vector<std::string>& texts) {
  writer.number<std::uint64_t>(texts.size());
  for (const auto& text : texts) writer.text(text);
}

void read(Reader& reader, std::vector<std::string>& texts) {
  texts.resize(reader.count(kTextBytes));
  for (auto& text : texts) text = reader.text();
}

tl::unexpected<Error> gone() {
  return failure(Code::cancelled, std::string("the other process does not answer: ") + std::strerror(errno));
}

}  // namespace

void write(Writer& writer, const ForkRequest& request) {
  write(writer, request.args);
  write(writer, request.environment);
  writer.number<std::uint64_t>(request.numbers.size());
  for (const int number : request.numbers) writer.number(number);
}

bool read(Reader& reader, ForkRequest& request) {
  read(reader, request.args);
  read(reader, request.environment);
  request.numbers.resize(reader.count(sizeof(int)));
  for (auto& number : request.numbers) number = reader.number<int>();
  return reader.finished();
}

Result<> send_packet(int socket, std::string_view bytes, std::span<const int> fds) {
  if (bytes.size() > kMaxPacket || fds.size() > kMaxFds) return failure(Code::too_large, "it does not fit in a packet");
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return gone();
  }
  return {};
}

Result<PacketWithFds> receive_packet(int socket) {
  PacketWithFds packet{std::string(kMaxPacket, '\0'), {}};
  iovec part{packet.bytes.data(), packet.bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  while ((size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0) {
    if (errno != EINTR) return gone();
  }
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; at + CMSG_LEN(0) < header->cmsg_len; at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + at, sizeof(int));
      packet.fds.emplace_back(fd);
    }
  }
  if (size == 0) return failure(Code::cancelled, "the other process is gone");
  packet.bytes.resize(static_cast<std::size_t>(size));
  return packet;
}

}  // namespace berth::worker
