// SPDX-License-Identifier: Apache-2.0
// When a change on disk is told: once it has come to rest, and not of what is kept under a hidden name.
#include "hosting/folder_watch.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "support/temp_folder.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = Loop::Clock;
constexpr auto kPatience = 60s;

// The loop lives in the test's thread: nothing is noticed but when the test lets it look.
class Watching : public testing::Test {
 protected:
  void watch(std::chrono::milliseconds settle, std::chrono::milliseconds max_unrest = 1h) {
    auto started = FolderWatch::start(
        *loop_, {.folders = {folder_ / "models"}, .settle = settle, .max_unrest = max_unrest}, [this] { ++told_; });
    ASSERT_TRUE(started) << started.error().message;
    watch_ = std::move(*started);
  }
  void write(std::string_view path) { folder_.write(std::string("models/").append(path), "more"); }

  bool is_due(std::chrono::milliseconds within) const {
    pollfd ready{loop_->fd(), POLLIN, 0};
    return ::poll(&ready, 1, static_cast<int>(within.count())) > 0;
  }
  // Until nothing is left to do. A timer of less than that comes before the look for it ends, however slow we are.
  void look() {
    while (is_due(50ms)) loop_->run_ready();
  }
  bool is_told_in_the_end() {
    const auto deadline = Clock::now() + kPatience;
    while (told_ == 0 && Clock::now() < deadline) {
      if (is_due(1s)) loop_->run_ready();
    }
    return told_ > 0;
  }

  static constexpr auto kAtOnce = 1ms;
  const test::TempFolder folder_;
  std::unique_ptr<Loop> loop_ = std::move(*Loop::create());
  int told_ = 0;
  std::unique_ptr<FolderWatch> watch_;
};

TEST_F(Watching, TellsOnceOfChangesThatCameToRest) {
  write("birds/1/model.yaml");
  watch(kAtOnce);
  look();
  EXPECT_EQ(told_, 0) << "nothing has changed yet";
  for (int i = 0; i < 100; ++i) write("birds/1/weights");
  look();
  EXPECT_EQ(told_, 1);
  fs::remove(folder_ / "models/birds/1/weights");
  look();
  EXPECT_EQ(told_, 2);
}

TEST_F(Watching, WaitsWhileWritingGoesOn) {
  constexpr auto kSettle = 200ms;
  write("birds/1/weights");
  watch(kSettle);
  const auto deadline = Clock::now() + kPatience;
  auto began = Clock::now(), turn_before = began;
  while (Clock::now() - began < 3 * kSettle) {
    ASSERT_LT(Clock::now(), deadline) << "this machine stands still too often";
    const auto turn = Clock::now();
    write("birds/1/weights");
    loop_->run_ready();
    if (Clock::now() - turn_before >= kSettle) {  // we stood still: that was a rest
      began = Clock::now();
      told_ = 0;
    }
    turn_before = turn;
    ASSERT_EQ(told_, 0) << "something was still being written";
  }
  EXPECT_TRUE(is_told_in_the_end());
  EXPECT_EQ(told_, 1);
}

TEST_F(Watching, TellsInTheEndWhereWritingNeverEnds) {
  constexpr auto kMaxUnrest = 50ms;
  write("birds/1/weights");
  watch(1h, kMaxUnrest);
  const auto began = Clock::now();
  for (int times = 1; times <= 2; ++times) {
    while (told_ < times && Clock::now() < began + kPatience) {
      write("birds/1/weights");
      loop_->run_ready();
    }
    EXPECT_EQ(told_, times);
    EXPECT_GE(Clock::now() - began, times * kMaxUnrest);
  }
}

TEST_F(Watching, LeavesNamesAloneThatBeginWithADot) {
  write("birds/1/model.yaml");
  write(".staged/1/model.yaml");
  watch(kAtOnce);
  write(".staged/1/weights");
  write(".new/2/model.yaml");
  write("birds/.2/model.yaml");
  write("birds/.2/weights");
  write("birds/1/.weights.part");
  look();
  EXPECT_EQ(told_, 0);
  fs::rename(folder_ / "models/birds/.2", folder_ / "models/birds/2");
  look();
  EXPECT_EQ(told_, 1);
  write("birds/2/weights");
  look();
  EXPECT_EQ(told_, 2) << "what has got its name is watched";
}

TEST_F(Watching, SeesAFolderThatComesLater) {
  watch(kAtOnce);
  fs::create_directories(folder_ / "elsewhere");
  look();
  EXPECT_EQ(told_, 0) << "a folder beside it is nobody's";
  fs::create_directories(folder_ / "models");
  look();
  EXPECT_EQ(told_, 1);
  write("birds/1/model.yaml");
  look();
  EXPECT_EQ(told_, 2);
  write("birds/1/weights");
  look();
  EXPECT_EQ(told_, 3);
}

}  // namespace
}  // namespace berth::hosting
