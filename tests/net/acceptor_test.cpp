// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "net/wire.h"

namespace berth::net {
namespace {

// Collects what is accepted.
class Accepted {
 public:
  Acceptor::OnConnection collector() {
    return [this](UniqueFd fd, std::string peer) {
      Lock lock(mutex_);
      fds_.push_back(std::move(fd));
      last_peer_ = std::move(peer);
      changed_.notify_all();
    };
  }
  // Waits for that many; false where they do not come.
  bool wait_for(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + test::Wire::kPatience;
    Lock lock(mutex_);
    while (fds_.size() < count) {
      if (!changed_.wait_until(mutex_, deadline)) return fds_.size() >= count;
    }
    return true;
  }
  int fd(std::size_t index) {
    Lock lock(mutex_);
    return fds_[index].get();
  }
  std::string last_peer() {
    Lock lock(mutex_);
    return last_peer_;
  }
  void close_all() {
    Lock lock(mutex_);
    fds_.clear();
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::vector<UniqueFd> fds_ BERTH_GUARDED_BY(mutex_);
  std::string last_peer_ BERTH_GUARDED_BY(mutex_);
};

// Pistache leaves some eventfds behind with each listener; a connection is a socket.
std::size_t open_sockets() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry, gone).string().starts_with("socket:")) ++count;
  }
  return count;
}

std::set<std::string> names_of_threads() {
  std::set<std::string> names;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    if (std::getline(file, name)) names.insert(name);
  }
  return names;
}

int option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

TEST(Acceptor, HandsOverSocketsThatAreReadyToUse) {
  Accepted accepted;
  const auto acceptor = Acceptor::listen("127.0.0.1", 0, accepted.collector());
  ASSERT_TRUE(acceptor) << acceptor.error().message;
  test::Wire wire((*acceptor)->port());
  ASSERT_TRUE(accepted.wait_for(1));
  EXPECT_EQ(accepted.last_peer(), "127.0.0.1");
  const int fd = accepted.fd(0);
  EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST(Acceptor, LeavesTheDescriptorToWhomItGaveIt) {
  Accepted accepted;
  auto acceptor = Acceptor::listen("127.0.0.1", 0, accepted.collector());
  ASSERT_TRUE(acceptor);
  test::Wire wire((*acceptor)->port());
  ASSERT_TRUE(accepted.wait_for(1));
  acceptor->reset();
  ASSERT_EQ(::send(accepted.fd(0), "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_FALSE(wire.stays_silent(test::Wire::kPatience));
  accepted.close_all();
  std::string rest;
  EXPECT_TRUE(wire.read_to_end(rest));
  EXPECT_EQ(rest, "x");
}

// Connections arrive one at a time, each only after the one before was handed over, and in bursts; a wake-up that gets
// lost leaves the last one waiting.
TEST(Acceptor, LosesNoConnectionInAStorm) {
  Accepted accepted;
  const auto acceptor = Acceptor::listen("127.0.0.1", 0, accepted.collector());
  ASSERT_TRUE(acceptor);
  const auto port = (*acceptor)->port();
  for (int round = 0; round < 100; ++round) {
    std::vector<std::jthread> clients;
    for (int c = 0; c < 3; ++c) {
      clients.emplace_back([port] {
        for (int i = 0; i < 5; ++i) test::Wire(port).reset();
      });
    }
    clients.clear();
    ASSERT_TRUE(accepted.wait_for(15)) << "round " << round;
    accepted.close_all();
  }
}

TEST(Acceptor, LeaksNoConnectionHoweverItIsStopped) {
  const auto before = open_sockets();
  for (int round = 0; round < 50; ++round) {
    Accepted accepted;
    auto acceptor = Acceptor::listen("127.0.0.1", 0, accepted.collector());
    ASSERT_TRUE(acceptor);
    std::vector<test::Wire> wires;
    for (int i = 0; i < 5; ++i) wires.emplace_back((*acceptor)->port());
    acceptor->reset();  // some are handed over, some accepted, some still in the kernel
  }
  EXPECT_EQ(open_sockets(), before);
}

TEST(Acceptor, NamesItsThreadsAndNoOther) {
  const auto before = names_of_threads();
  Accepted accepted;
  const auto acceptor = Acceptor::listen("127.0.0.1", 0, accepted.collector());
  ASSERT_TRUE(acceptor);
  auto expected = before;
  expected.insert({"berth-accept", "berth-handover"});
  EXPECT_EQ(names_of_threads(), expected);
}

TEST(Acceptor, SaysWhichAddressItCannotBind) {
  const auto acceptor = Acceptor::listen("192.0.2.1", 1, [](UniqueFd, const std::string&) {});
  ASSERT_FALSE(acceptor);
  EXPECT_EQ(acceptor.error().code, Code::unavailable);
  EXPECT_NE(acceptor.error().message.find("192.0.2.1:1"), std::string::npos);
}

}  // namespace
}  // namespace berth::net
