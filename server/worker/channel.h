// SPDX-License-Identifier: Apache-2.0
// Packets over a SOCK_SEQPACKET socket: one message each, whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "worker/protocol.h"

namespace berth::worker {

inline constexpr std::size_t kMaxPacket = 64UL * 1024;

// Two connected ends, close-on-exec, blocking; both numbers are above 2.
Result<std::pair<UniqueFd, UniqueFd>> make_channel();

enum class Wait { yes, no };

// Sends one message. A body too large for a packet is put into `spill` (which may be null: then it must fit).
// cancelled: the other end is gone; too_large: no room; busy: Wait::no and the socket is full.
Result<> send(int fd, Message type, std::string_view body, Region* spill, Wait wait);

// A place to receive into; large, so keep one around.
struct Packet {
  Message type{};
  std::string_view body;  // into `bytes` or `copy`, until the next receive
  char bytes[kMaxPacket];
  std::string copy;  // a body that came through shared memory, copied before anyone looks at it
};

// Receives one message. busy: Wait::no and nothing is there; cancelled: the other end is gone; internal: it is not a
// message.
Result<> receive(int fd, Packet& packet, const Region* spill, Wait wait);

}  // namespace berth::worker
