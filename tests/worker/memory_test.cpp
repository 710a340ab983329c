// SPDX-License-Identifier: Apache-2.0
#include "worker/memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace berth::worker {
namespace {

TEST(SharedMemory, CannotBeShrunkUnderTheReader) {
  auto memory = SharedMemory::create({10'000, 1, 20'000});
  ASSERT_TRUE(memory);
  EXPECT_NE(::ftruncate(memory->fd(), 4096), 0);
  EXPECT_NE(::ftruncate(memory->fd(), 1 << 30), 0);
}

TEST(SharedMemory, ShowsTheOtherSideWhatWasPut) {
  auto server = SharedMemory::create({10'000, 5'000, 20'000});
  ASSERT_TRUE(server);
  auto worker = SharedMemory::open(UniqueFd(::dup(server->fd())));
  ASSERT_TRUE(worker);
  const auto at = server->request().put("hello");
  ASSERT_TRUE(at);
  EXPECT_EQ(worker->request().at(*at, 5), "hello");
  const auto back = worker->response().put("good bye");
  EXPECT_EQ(server->response().at(*back, 8), "good bye");
  EXPECT_GE(worker->response().size(), 20'000U);
  EXPECT_FALSE(worker->stop_requested());
  server->request_stop();
  EXPECT_TRUE(worker->stop_requested());
}

TEST(Region, RefusesWhatDoesNotFitAndWhatLiesOutside) {
  std::string bytes(1000, '\0');
  Region region(bytes.data(), bytes.size());
  EXPECT_EQ(region.put(std::string(10, 'a')), 0U);
  EXPECT_EQ(region.put(std::string(10, 'b')), 64U);  // aligned
  EXPECT_FALSE(region.put(std::string(900, 'c')));
  EXPECT_TRUE(region.put(std::string(872, 'c')));
  EXPECT_TRUE(region.at(1000, 0));
  EXPECT_FALSE(region.at(1000, 1));
  EXPECT_FALSE(region.at(0, 1001));
  EXPECT_FALSE(region.at(~std::uint64_t{0}, 1));
  EXPECT_FALSE(region.at(1, ~std::uint64_t{0}));
}

TEST(Region, ReadsAsZeroWhatWasGivenBack) {
  auto memory = SharedMemory::create({100'000, 0, 0});
  ASSERT_TRUE(memory);
  auto& region = memory->request();
  ASSERT_TRUE(region.put(std::string(100'000, 'x')));
  EXPECT_EQ(region.high_water(), 100'000U);
  region.give_back(10'000);
  EXPECT_EQ(region.high_water(), 10'000U);
  EXPECT_EQ(region.at(9'999, 1), "x");
  EXPECT_EQ(region.at(90'000, 1), std::string(1, '\0'));
}

}  // namespace
}  // namespace berth::worker
