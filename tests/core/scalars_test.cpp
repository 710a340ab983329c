// SPDX-License-Identifier: Apache-2.0
#include "core/scalars.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

namespace berth::core {
namespace {

constexpr auto kUuid = "6a0b4dd8-3ab2-4d8c-9a3f-5c9a36a3d2b1";

std::chrono::nanoseconds cpu_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += part;
  return text;
}

TEST(Uuid, IsReadAsPythonReadsIt) {
  EXPECT_EQ(read_uuid("{{6A0B4DD83AB24D8C9A3F5C9A36A3D2B1}}"), kUuid);
  EXPECT_EQ(read_uuid("urn:uuid:6a0b-4dd8-3ab2-4d8c-9a3f-5c9a-36a3-d2b1"), kUuid);
  EXPECT_EQ(read_uuid(""), std::nullopt);
  EXPECT_EQ(read_uuid("{}"), std::nullopt);
  EXPECT_EQ(read_uuid("ururn:n:6a0b4dd83ab24d8c9a3f5c9a36a3d2b1"), std::nullopt);  // what is left is not read again
}

TEST(Uuid, MegabytesOfItCostNoMoreThanReadingThem) {
  const auto before = cpu_time();
  for (const auto* part : {"{", "urn:", "uuid:", "-"}) {
    EXPECT_EQ(read_uuid(repeated(part, 4'000'000) + "x"), std::nullopt);
    EXPECT_EQ(read_uuid(repeated(part, 4'000'000) + kUuid), kUuid);
  }
  EXPECT_LT(cpu_time() - before, std::chrono::seconds(60)) << "reading each again for each would take hours";
}

}  // namespace
}  // namespace berth::core
