// SPDX-License-Identifier: Apache-2.0
// Commands that start models of their own, and are ended by a signal in the middle of it.
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "hosting/spawn.h"
#include "support/temp_folder.h"

namespace berth::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Interrupted : public testing::Test {
 protected:
  void start(std::vector<std::string> arguments) {
    fs::create_directories(folder_ / "plugins");
    fs::create_directories(folder_ / "models");
    fs::create_directories(temporary_);
    fs::create_symlink(BERTH_SLEEPER, folder_ / "plugins/sleeper.so");
    ::setenv("TMPDIR", temporary_.c_str(), 1);
    ::setenv("BERTH_PLUGIN_SLEEPER_UNTIL", "/nowhere", 1);
    auto spawned = hosting::Child::spawn({.program = BERTH_PROGRAM,
                                          .args = std::move(arguments),
                                          .environment = {},
                                          .out = 2,
                                          .err = 2,
                                          .inherited = {}});
    ::unsetenv("TMPDIR");
    ::unsetenv("BERTH_PLUGIN_SLEEPER_UNTIL");
    ASSERT_TRUE(spawned) << spawned.error().message;
    command_ = std::move(*spawned);
  }
  // A worker has a folder: it is started, or about to be.
  bool wait_for_worker() const {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
      std::error_code error;  // of folders that go while they are looked at
      for (fs::recursive_directory_iterator entry(temporary_, error), end; !error && entry != end;
           entry.increment(error)) {
        if (entry->path().filename().string().starts_with("worker-")) return true;
      }
      std::this_thread::yield();
    }
    return false;
  }
  void expect_a_clean_end_by(int number) {
    ASSERT_TRUE(wait_for_worker());
    ::kill(command_.pid(), number);
    pollfd ended{command_.pidfd(), POLLIN, 0};
    ASSERT_EQ(::poll(&ended, 1, 60'000), 1) << "it still runs";
    EXPECT_EQ(command_.reap(true)->signal, number);
    EXPECT_TRUE(fs::is_empty(temporary_));
  }
  std::vector<std::string> predict() const {
    return {"predict",       "sleeper",
            "--plugins-dir", (folder_ / "plugins").string(),
            "--models-dir",  (folder_ / "models").string()};
  }

  test::TempFolder folder_;
  fs::path temporary_ = folder_ / "tmp";
  hosting::Child command_;
};

TEST_F(Interrupted, PredictLeavesNothingBehind) {
  start(predict());
  expect_a_clean_end_by(SIGINT);
}

TEST_F(Interrupted, PredictEndsBySigtermToo) {
  start(predict());
  expect_a_clean_end_by(SIGTERM);
}

TEST_F(Interrupted, TestLeavesNothingBehind) {
  start({"test", BERTH_SLEEPER});
  expect_a_clean_end_by(SIGINT);
}

}  // namespace
}  // namespace berth::cli
