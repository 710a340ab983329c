// SPDX-License-Identifier: Apache-2.0
// What the server and a fork server (worker/fork_server.h) say to each other, over a SOCK_SEQPACKET socket: the server
// asks, one question at a time, and each has one answer. Numbers and texts are written as wire.h does.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "worker/wire.h"

namespace berth::worker {

// The first answer comes unasked, once its libraries are open: {text why they are not; "" = they are}.
enum class ForkQuestion : std::uint8_t {
  fork = 1,  // {ForkRequest}, with its descriptors → {i32 pid, 0: none, text why}, with its pidfd
  reap,      // {i32 pid} → {u8 whether it has ended, i32 code, i32 signal}
};

// What the child is to be: as if the program were started with these.
struct ForkRequest {
  std::vector<std::string> args;         // without the program's name
  std::vector<std::string> environment;  // NAME=value, besides the fork server's own
  std::vector<int> numbers;              // that the descriptors get, in the order in which they are sent
};
void write(Writer& writer, const ForkRequest& request);
bool read(Reader& reader, ForkRequest& request);

struct PacketWithFds {
  std::string bytes;
  std::vector<UniqueFd> fds;  // close-on-exec
};
// too_large: more than a packet holds; cancelled: the other end is gone, or does not answer in the time that the socket
// is set to. [any]
Result<> send_packet(int socket, std::string_view bytes, std::span<const int> fds = {});
Result<PacketWithFds> receive_packet(int socket);

}  // namespace berth::worker
