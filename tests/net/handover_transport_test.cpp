// SPDX-License-Identifier: Apache-2.0
#include "net/handover_transport.h"

#include <gtest/gtest.h>
#include <pistache/reactor.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <latch>
#include <string>
#include <thread>

#include "net/wire.h"

namespace berth::net {
namespace {

// Does to every eventfd of the process what PollableQueue::pop() does to its own after an empty look.
void drain_all_eventfds() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry, gone).string() != "anon_inode:[eventfd]") continue;
    const int fd = std::stoi(entry.path().filename().string());
    std::uint64_t value = 0;
    [[maybe_unused]] const auto got = ::read(fd, &value, sizeof value);
  }
}

// Pistache's lost wake-up, made to happen: a peer is in its queue, and the eventfd that should say so has been drained.
TEST(HandoverTransport, HandsOverAPeerWhoseWakeUpWasLost) {
  std::latch first_came(1);
  std::latch go_on(1);
  std::atomic<int> handed_over = 0;
  const auto transport = HandoverTransport::create([&](UniqueFd, const std::string&) {
    if (handed_over.fetch_add(1) > 0) return;
    first_came.count_down();
    go_on.wait();
  });
  const auto reactor = Pistache::Aio::Reactor::create();
  reactor->init(Pistache::Aio::AsyncContext(1));
  reactor->addHandler(transport);
  reactor->run();
  transport->learn_queue();

  std::array<int, 2> sockets{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
  const auto first = Pistache::Tcp::Peer::Create(sockets[0], Pistache::Address());
  const auto second = Pistache::Tcp::Peer::Create(sockets[1], Pistache::Address());
  transport->handleNewPeer(first);
  first_came.wait();  // the transport's thread is busy, and waits for no event
  transport->handleNewPeer(second);
  drain_all_eventfds();
  go_on.count_down();

  const auto deadline = std::chrono::steady_clock::now() + test::Wire::kPatience;
  while (handed_over < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(handed_over, 2);
  reactor->shutdown();
}

}  // namespace
}  // namespace berth::net
