// SPDX-License-Identifier: Apache-2.0
#include "net/output_queue.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "base/unique_fd.h"

namespace berth::net {
namespace {

class OutputQueueOnAPair : public ::testing::Test {
 protected:
  OutputQueueOnAPair() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()), 0);
    near_.reset(pair[0]);
    far_.reset(pair[1]);
  }
  std::string receive() const {
    std::string all;
    std::array<char, 4096> chunk;
    for (;;) {
      const auto count = ::recv(far_.get(), chunk.data(), chunk.size(), 0);
      if (count <= 0) return all;
      all.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

  UniqueFd near_, far_;
  OutputQueue queue_;
};

TEST_F(OutputQueueOnAPair, SendsHeadsAndBodiesInOrder) {
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    queue_.push("head" + std::to_string(i), Bytes("body" + std::to_string(i)));
    queue_.push("bare", {});
    expected += "head" + std::to_string(i) + "body" + std::to_string(i) + "bare";
  }
  EXPECT_EQ(queue_.flush(near_.get()), OutputQueue::Outcome::all_sent);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.last_sent(), expected.size());
  EXPECT_EQ(receive(), expected);
}

TEST_F(OutputQueueOnAPair, GoesOnWhereASocketThatWasFullStopped) {
  std::string expected;
  for (int i = 0; i < 5; ++i) {
    const std::string body(300'001, static_cast<char>('a' + i));
    queue_.push("head", Bytes(body));
    expected += "head" + body;
  }
  std::string received;
  while (queue_.flush(near_.get()) == OutputQueue::Outcome::blocked) received += receive();
  received += receive();
  EXPECT_TRUE(received == expected);
}

TEST_F(OutputQueueOnAPair, SaysWhenTheOtherSideIsGone) {
  far_.reset();
  queue_.push("head", Bytes(std::string("body")));
  EXPECT_EQ(queue_.flush(near_.get()), OutputQueue::Outcome::broken);
}

}  // namespace
}  // namespace berth::net
