// SPDX-License-Identifier: Apache-2.0
#include "worker/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

namespace berth::worker {
namespace {

struct Pair {
  Pair() {
    auto made = make_channel();
    near = std::move(made->first);
    far = std::move(made->second);
  }
  UniqueFd near, far;
  std::unique_ptr<Packet> packet = std::make_unique<Packet>();
  std::string memory = std::string(300'000, '\0');
  Region region{memory.data(), memory.size()};
};

TEST(Channel, KeepsMessagesApart) {
  Pair pair;
  ASSERT_TRUE(send(pair.near.get(), Message::log, "one", nullptr, Wait::yes));
  ASSERT_TRUE(send(pair.near.get(), Message::fetch, "", nullptr, Wait::yes));
  ASSERT_TRUE(receive(pair.far.get(), *pair.packet, nullptr, Wait::yes));
  EXPECT_EQ(pair.packet->type, Message::log);
  EXPECT_EQ(pair.packet->body, "one");
  ASSERT_TRUE(receive(pair.far.get(), *pair.packet, nullptr, Wait::yes));
  EXPECT_EQ(pair.packet->type, Message::fetch);
  EXPECT_EQ(pair.packet->body, "");
  EXPECT_EQ(receive(pair.far.get(), *pair.packet, nullptr, Wait::no).error().code, Code::busy);
}

TEST(Channel, SendsALargeBodyThroughMemory) {
  Pair pair;
  const std::string body(200'000, 'b');
  EXPECT_EQ(send(pair.near.get(), Message::ready, body, nullptr, Wait::yes).error().code, Code::too_large);
  ASSERT_TRUE(send(pair.near.get(), Message::ready, body, &pair.region, Wait::yes));
  ASSERT_TRUE(receive(pair.far.get(), *pair.packet, &pair.region, Wait::yes));
  pair.memory.assign(pair.memory.size(), 'x');  // too late to matter
  EXPECT_TRUE(pair.packet->body == body);
  EXPECT_EQ(send(pair.near.get(), Message::ready, std::string(300'001, 'b'), &pair.region, Wait::yes).error().code,
            Code::too_large);
}

TEST(Channel, TellsThatTheOtherEndIsGone) {
  Pair pair;
  pair.near.reset();
  EXPECT_EQ(receive(pair.far.get(), *pair.packet, nullptr, Wait::yes).error().code, Code::cancelled);
  EXPECT_EQ(send(pair.far.get(), Message::log, "x", nullptr, Wait::yes).error().code, Code::cancelled);
}

TEST(Channel, DoesNotWaitForRoomUnlessAsked) {
  Pair pair;
  Result<> sent;
  for (int i = 0; i < 100'000 && sent; ++i) sent = send(pair.near.get(), Message::log, "x", nullptr, Wait::no);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Code::busy);
}

TEST(Channel, RefusesPacketsThatAreNoMessages) {
  Pair pair;
  const auto refused = [&](const std::string& bytes) {
    EXPECT_EQ(::send(pair.near.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    const auto got = receive(pair.far.get(), *pair.packet, &pair.region, Wait::yes);
    return !got && got.error().code == Code::internal;
  };
  EXPECT_TRUE(refused("x"));
  EXPECT_TRUE(refused(std::string(kMaxPacket + 1, 'x')));
  EXPECT_TRUE(refused(std::string("\x0b\x01\0\0\0\0\0\0", 8) + std::string(16, '\xff')));
  EXPECT_TRUE(refused(std::string("\x0b\x01\0\0\0\0\0\0", 8)));
}

}  // namespace
}  // namespace berth::worker
