// SPDX-License-Identifier: Apache-2.0
#include "net/body_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace berth::net {
namespace {

constexpr std::size_t kBudget = 1024 * 1024;

std::shared_ptr<Gauges> gauges() {
  Limits limits;
  limits.max_body_bytes_in_memory = kBudget;
  return std::make_shared<Gauges>(limits);
}

std::size_t charged(const Gauges& gauges) { return gauges.figures().body_bytes_in_memory; }

bool append(BodyBuffer& buffer, std::string_view text) {
  while (!text.empty()) {
    const auto room = buffer.room(text.size());
    if (room.empty()) return false;
    std::memcpy(room.data(), text.data(), room.size());
    buffer.advance(room.size());
    text.remove_prefix(room.size());
  }
  return true;
}

TEST(BodyBuffer, ChargesWhatComesAndNotWhatIsAnnounced) {
  const auto shared = gauges();
  BodyBuffer buffer(shared, kBudget);
  EXPECT_EQ(charged(*shared), 0U);
  ASSERT_TRUE(append(buffer, "hello"));
  EXPECT_GE(charged(*shared), 5U);
  EXPECT_LT(charged(*shared), kBudget);
}

TEST(BodyBuffer, GivesItsChargeBackWhenTheLastCopyOfTheBytesGoes) {
  const auto shared = gauges();
  BodyBuffer buffer(shared, 5);
  ASSERT_TRUE(append(buffer, "hello"));
  auto bytes = std::move(buffer).finish();
  auto part = bytes.slice(bytes.view().substr(1, 3));
  EXPECT_EQ(charged(*shared), 5U);
  bytes = {};
  EXPECT_EQ(part.view(), "ell");
  EXPECT_EQ(charged(*shared), 5U);
  part = {};
  EXPECT_EQ(charged(*shared), 0U);
}

TEST(BodyBuffer, GivesItsChargeBackWhenItIsAbandoned) {
  const auto shared = gauges();
  {
    BodyBuffer buffer(shared, 0);
    ASSERT_TRUE(append(buffer, std::string(100'000, 'x')));
    EXPECT_GE(charged(*shared), 100'000U);
  }
  EXPECT_EQ(charged(*shared), 0U);
}

TEST(BodyBuffer, HasNoRoomBeyondTheBudget) {
  const auto shared = gauges();
  BodyBuffer first(shared, kBudget);
  ASSERT_TRUE(append(first, std::string(kBudget, 'x')));
  BodyBuffer second(shared, 1);
  EXPECT_TRUE(second.room(1).empty());
  first = {};
  EXPECT_FALSE(second.room(1).empty());
}

TEST(BodyBuffer, GrowsWithoutKnowingTheLength) {
  const auto shared = gauges();
  BodyBuffer buffer(shared, 0);
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const auto piece = std::to_string(i) + ",";
    expected += piece;
    ASSERT_TRUE(append(buffer, piece));
  }
  const auto bytes = std::move(buffer).finish();
  EXPECT_EQ(bytes.view(), expected);
  EXPECT_EQ(charged(*shared), expected.size());
}

}  // namespace
}  // namespace berth::net
