// SPDX-License-Identifier: Apache-2.0
#include "hosting/usage_watch.h"

#include <gmock/gmock.h>

#include "support/temp_folder.h"

namespace berth::hosting {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr WorkerLimits kLimits{
    .memory_bytes = 1000, .cpu_per_call = 100ms, .threads = 8, .open_files = 64, .scratch_bytes = 64UL * 1024};

class UsageWatches : public testing::Test {
 protected:
  std::optional<Error> look(const Usage& usage, std::uint64_t call = 0) {
    return watch_.look(usage, folder_.path(), call);
  }

  test::TempFolder folder_;
  UsageWatch watch_{kLimits, 500};
};

TEST_F(UsageWatches, LetAWorkerTakeAllThatItMay) {
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(look({.memory_bytes = 1500, .threads = 8, .cpu = 1h}));
}

TEST_F(UsageWatches, NameTheLimitThatItIsBeyond) {
  const auto memory = look({.memory_bytes = 1501});
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->code, Code::internal);
  EXPECT_EQ(memory->message, "the model's worker ran out of memory: it took more than max_memory_bytes allows (1000)");
  const auto threads = look({.threads = 9});
  ASSERT_TRUE(threads);
  EXPECT_EQ(threads->message, "the model's worker started more threads than max_threads allows (8)");
}

TEST_F(UsageWatches, LookAtTheScratchFolderEachFourthTime) {
  folder_.write("deep/file", std::string(2 * kLimits.scratch_bytes, 'x'));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(look({}));
    const auto breach = look({});
    ASSERT_TRUE(breach);
    EXPECT_EQ(breach->message,
              "the model's worker wrote more than max_scratch_bytes allows (65536) to its scratch folder");
  }
}

TEST_F(UsageWatches, TakeAScratchFolderThatIsTooDeepForOneThatIsTooLarge) {
  std::string path;
  for (int i = 0; i < 33; ++i) path += "d/";
  std::filesystem::create_directories(folder_ / path);
  auto limits = kLimits;
  limits.scratch_bytes = 1UL << 30;
  UsageWatch watch(limits, 0);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.look({}, folder_.path(), 0));
  EXPECT_TRUE(watch.look({}, folder_.path(), 0));
}

TEST_F(UsageWatches, CountTheTimeOfOneCallAlone) {
  EXPECT_FALSE(look({.cpu = 5s}, 1));
  EXPECT_FALSE(look({.cpu = 5s + 100ms}, 1));
  EXPECT_FALSE(look({.cpu = 5s + 150ms}, 2));
  EXPECT_FALSE(look({.cpu = 5s + 250ms}, 2));
  const auto breach = look({.cpu = 5s + 251ms}, 2);
  ASSERT_TRUE(breach);
  EXPECT_EQ(breach->code, Code::timeout);
  EXPECT_THAT(breach->message, HasSubstr("max_cpu_per_call"));
}

TEST_F(UsageWatches, CountNoTimeBetweenCalls) {
  EXPECT_FALSE(look({.cpu = 1s}, 1));
  EXPECT_FALSE(look({.cpu = 1s}, 0));
  EXPECT_FALSE(look({.cpu = 9s}, 0));
  EXPECT_FALSE(look({.cpu = 9s}, 2));
}

}  // namespace
}  // namespace berth::hosting
