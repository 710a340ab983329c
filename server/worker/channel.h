// SPDX-License-Identifier: Apache-2.0
// Packets over a SOCK_SEQPACKET socket: one message each, whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "worker/protocol.h"

namespace berth::worker {

inline constexpr std::size_t kMaxPacket = 64UL * 1024;
// The server copies what a worker says before it looks at it, on threads that others wait for. Bodies are not in it.
inline constexpr std::size_t kMaxSaid = 4UL * 1024 * 1024;

// Two connected ends, close-on-exec, blocking; both numbers are above 2.
Result<std::pair<UniqueFd, UniqueFd>> make_channel();

enum class Wait { yes, no };

// A message as it goes out. A body too large for a packet lies in shared memory, and the packet says where.
struct Outgoing {
  Message type{};
  bool spilled = false;
  std::uint64_t place[2]{};
  std::string_view body;  // not spilled: the caller's
};
// Puts a large body into `spill`, which may be null: then it must fit. too_large: no room.
Result<Outgoing> prepare(Message type, std::string_view body, Region* spill);
// Sends it; touches nothing but the socket. cancelled: the other end is gone; busy: Wait::no and the socket is full.
Result<> send(int fd, const Outgoing& message, Wait wait);
// Both.
Result<> send(int fd, Message type, std::string_view body, Region* spill, Wait wait);

// A place to receive into; large, so keep one around.
struct Packet {
  Message type{};
  std::string_view body;  // into `bytes` or `copy`, until the next receive
  char bytes[kMaxPacket];
  std::string copy;  // a body that came through shared memory, copied before anyone looks at it
};

// Receives one message. busy: Wait::no and nothing is there; cancelled: the other end is gone; internal: it is not a
// message, or more than `most` bytes.
Result<> receive(int fd, Packet& packet, const Region* spill, Wait wait,
                 std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace berth::worker
