// SPDX-License-Identifier: Apache-2.0
// Start and end: what a signal does, what is left afterwards, what a server refuses to start with.
#include <gmock/gmock.h>
#include <signal.h>
#include <stdlib.h>

#include <thread>

#include "fixtures.h"

namespace berth::test {
namespace {

using namespace std::chrono_literals;

TEST(Lifecycle, SigtermLetsRunningWorkFinishAndLeavesNoProcessBehind) {
  ServerProcess server({.plugins = {fake("sleeper")}});
  const auto processes = server.processes();
  ASSERT_FALSE(processes.empty());
  HttpAnswer answer;
  std::jthread caller([&] {
    auto client = server.client();
    answer = client.post_json("/v2/models/sleeper/predict", R"({"seconds":1})");
  });
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto entry = listing_of(server, "sleeper");
    if (text_at(entry["workers"][0], "state") == "busy") break;
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(20s), 0);
  caller.join();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.header("connection"), "close");
  for (const auto pid : processes) EXPECT_NE(::kill(pid, 0), 0) << "process " << pid << " is still there";
}

TEST(Lifecycle, ATrainingHearsOfTheEndBeforeItsTimeIsUp) {
  ServerProcess server({.plugins = {fake("probe_v2")}, .config = "server: {drain_grace: 60s}\n"});
  const auto idle = server.workers().size();
  HttpAnswer answer;
  std::jthread caller([&] { answer = server.client().send("PUT", "/models/probe/train?sleep=600"); });
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (server.workers().size() <= idle && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(30s), 0) << "it waited for a training that nobody told to stop";
  caller.join();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, R"({"stopped":true})");
}

TEST(Lifecycle, SigintEndsAnIdleServer) {
  ServerProcess server({.plugins = {plugin("greeter")}});
  server.signal(SIGINT);
  EXPECT_EQ(server.wait(20s), 0);
}

TEST(Lifecycle, WorkersDoNotOutliveAKilledServer) {
  ServerProcess server({.plugins = {fake("sleeper")}});
  const auto processes = server.processes();
  ASSERT_FALSE(processes.empty());
  server.signal(SIGKILL);
  EXPECT_EQ(server.wait(20s), 128 + SIGKILL);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  for (const auto pid : processes) {
    while (::kill(pid, 0) == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_NE(::kill(pid, 0), 0) << "process " << pid << " is still there";
  }
}

// The system's temporary folder, for the processes that start while it lives.
class OwnTemporaryFolder {
 public:
  OwnTemporaryFolder() : before_(std::filesystem::temp_directory_path()) {
    ::setenv("TMPDIR", folder_.path().c_str(), 1);
  }
  ~OwnTemporaryFolder() { ::setenv("TMPDIR", before_.c_str(), 1); }
  OwnTemporaryFolder(const OwnTemporaryFolder&) = delete;
  OwnTemporaryFolder& operator=(const OwnTemporaryFolder&) = delete;

  // Those of servers, not those of tests.
  std::vector<std::string> folders() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const auto name = entry.path().filename().string();
      if (!name.starts_with("berth-test-")) found.push_back(name);
    }
    return found;
  }

 private:
  std::filesystem::path before_;
  TempFolder folder_;
};

TEST(Lifecycle, LeavesNothingInTheTemporaryFolderAndTakesAwayWhatAKilledServerLeft) {
  const OwnTemporaryFolder temporary;
  std::vector<std::string> left;
  {
    ServerProcess killed({.plugins = {plugin("greeter")}});
    killed.signal(SIGKILL);
    killed.wait(20s);
    left = temporary.folders();
  }
  ASSERT_FALSE(left.empty()) << "there was nothing to take away";
  ServerProcess first({.plugins = {plugin("greeter")}});
  const auto of_first = temporary.folders();
  for (const auto& folder : left) EXPECT_THAT(of_first, testing::Not(testing::Contains(folder)));
  {
    const ServerProcess second({.plugins = {plugin("greeter")}});
    EXPECT_THAT(temporary.folders(), testing::IsSupersetOf(of_first)) << "it took a running server's";
  }
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(20s), 0);
  EXPECT_THAT(temporary.folders(), testing::IsEmpty());
}

TEST(Lifecycle, RefusesAnAddressBeyondLoopbackUnlessTheOperatorSaysSo) {
  EXPECT_THROW(ServerProcess({.plugins = {plugin("greeter")}, .arguments = {"--listen-ip", "0.0.0.0"}}),
               std::runtime_error);
}

TEST(Lifecycle, AnUnknownKeyInTheConfigurationIsAnErrorWithItsLine) {
  try {
    const ServerProcess server({.config = "server:\n  prot: 5000\n"});
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("berth.yaml:2"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace berth::test
