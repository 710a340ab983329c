// SPDX-License-Identifier: Apache-2.0
#include "hosting/fork_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <signal.h>

#include <array>
#include <fstream>
#include <thread>

#include "elf/library_places.h"
#include "hosting/house.h"
#include "hosting/library_copies.h"
#include "support/temp_folder.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

const std::filesystem::path kPlugins = BERTH_PLUGINS_DIR, kEcho = BERTH_FAKES_DIR "/echo.so";

int parent_of(int pid) {
  std::ifstream stream("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  int parent = 0;
  stream >> number >> name >> state >> parent;
  return parent;
}

std::string state_of(int pid) {
  std::ifstream stream("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  stream >> number >> name >> state;
  return state;
}

std::string name_of(int pid) {
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
  return name;
}

int worker_of(const ModelPtr& model) {
  const auto workers = model->status().workers;
  return workers.empty() ? 0 : workers.front().pid;
}

Result<std::shared_ptr<ForkServer>> open(const std::filesystem::path& library,
                                         std::chrono::milliseconds timeout = kPatience,
                                         const std::atomic<bool>* stop = nullptr) {
  return ForkServer::start(BERTH_WORKER, {{library}, "", {"BERTH_PLUGIN_OF_ALL=1"}}, timeout, stop);
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    reading.reset(ends[0]);
    writing.reset(ends[1]);
  }
  std::string rest() {
    writing.reset();
    std::string text(4096, '\0');
    const auto size = ::read(reading.get(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }
  UniqueFd reading, writing;
};

TEST(ForkServer, IsTheParentOfEveryWorkerOfItsKind) {
  House house;
  house.serving.workers = 2;
  house.load({"echo"});
  auto echo = house.model("echo");
  ASSERT_TRUE(eventually([&] { return echo->status().workers.size() == 2; }));
  const int server = parent_of(worker_of(echo));
  EXPECT_EQ(parent_of(server), ::getpid());
  EXPECT_EQ(name_of(server), "berth-fork");
  for (const auto& worker : echo->status().workers) {
    EXPECT_EQ(parent_of(worker.pid), server);
    EXPECT_EQ(name_of(worker.pid), "berth-worker");
  }
  const int killed = worker_of(echo);
  ::kill(killed, SIGKILL);
  ASSERT_TRUE(eventually([&] { return echo->status().restarts == 1 && echo->status().workers.size() == 2; }));
  for (const auto& worker : echo->status().workers) EXPECT_EQ(parent_of(worker.pid), server);
  EXPECT_TRUE(ask(echo, R"({"text":"a"})").output);
  house.registry.reset();
  echo.reset();
  EXPECT_EQ(name_of(server), "") << "it ends with the last who has its models";
}

TEST(ForkServer, IsNoneWhereTheOptionsSaySo) {
  House house;
  house.serving.fork_server = false;
  house.load({"echo"});
  EXPECT_EQ(parent_of(worker_of(house.model("echo"))), ::getpid());
}

TEST(ForkServer, ThatDiesCostsNoCall) {
  House house;
  house.load({"echo"});
  const auto echo = house.model("echo");
  const int worker = worker_of(echo), server = parent_of(worker);
  ::kill(server, SIGKILL);
  ASSERT_TRUE(eventually([&] { return parent_of(worker) != server; }));
  EXPECT_TRUE(ask(echo, R"({"text":"a"})").output);
  EXPECT_EQ(worker_of(echo), worker);
  ::kill(worker, SIGKILL);
  EXPECT_TRUE(eventually([&] { return echo->status().restarts == 1 && worker_of(echo) != 0; }));
  EXPECT_TRUE(ask(echo, R"({"text":"a"})").output);
  EXPECT_EQ(parent_of(worker_of(echo)), ::getpid()) << "it is started";
}

TEST(ForkServer, HasItsLibrariesOpen) {
  const auto server = open(kEcho);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_THAT(test::read_file("/proc/" + std::to_string((*server)->pid()) + "/maps"), HasSubstr(kEcho.string()));
  EXPECT_THAT(test::read_file("/proc/" + std::to_string((*server)->pid()) + "/environ"),
              HasSubstr("BERTH_PLUGIN_OF_ALL=1"));
}

TEST(ForkServer, SaysWhyALibraryCannotBeOpenedInIt) {
  for (const auto& [library, why] : {std::pair{"starts_thread.so", "starts threads"},
                                     {"opens_file.so", "keeps a file open"},
                                     {"shares_memory.so", "shares memory"},
                                     {"is_not_there.so", "No such file"},
                                     {"crashes_on_open.so", "died"}}) {
    const auto server = open(kPlugins / library);
    ASSERT_FALSE(server) << library;
    EXPECT_EQ(server.error().code, Code::unavailable);
    EXPECT_THAT(server.error().message, HasSubstr(why));
  }
}

TEST(ForkServer, IsGivenUpWhereALibraryHangs) {
  const auto late = open(kPlugins / "hangs_on_open.so", 200ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::timeout);
  const std::atomic<bool> stop = true;
  const auto unwanted = open(kPlugins / "hangs_on_open.so", kPatience, &stop);
  ASSERT_FALSE(unwanted);
  EXPECT_EQ(unwanted.error().code, Code::cancelled);
}

TEST(ForkServer, ForksWhatIsAskedFor) {
  const auto server = open(kEcho);
  ASSERT_TRUE(server) << server.error().message;
  Pipe out, err;
  auto child = Child::spawn({.program = BERTH_WORKER,
                             .args = {"--describe", kEcho.string()},
                             .out = out.writing.get(),
                             .err = err.writing.get(),
                             .fork_server = *server});
  ASSERT_TRUE(child);
  EXPECT_EQ(parent_of(child->pid()), (*server)->pid());
  const auto exit = child->reap(true);
  ASSERT_TRUE(exit);
  EXPECT_EQ(to_string(*exit), "exited with 0");
  EXPECT_THAT(out.rest(), HasSubstr(R"("name":"echo")"));
  EXPECT_EQ(err.rest(), "");
  EXPECT_FALSE(child->reap(true)) << "once";
}

TEST(ForkServer, TellsHowItsChildrenEnd) {
  const auto server = open(kEcho);
  ASSERT_TRUE(server) << server.error().message;
  Pipe out, err;
  const auto ends = [&](const std::vector<std::string>& args, bool killed) {
    auto child = Child::spawn({.program = BERTH_WORKER,
                               .args = args,
                               .out = out.writing.get(),
                               .err = err.writing.get(),
                               .fork_server = *server});
    if (killed) {
      EXPECT_FALSE(child->reap()) << "it hangs";
      child->kill();
    }
    return to_string(child->reap(true).value());
  };
  EXPECT_EQ(ends({"--nonsense"}, false), "exited with 2");
  EXPECT_THAT(ends({"--describe", (kPlugins / "crashes_on_open.so").string()}, false), HasSubstr("killed by signal"));
  EXPECT_THAT(ends({"--describe", (kPlugins / "hangs_on_open.so").string()}, true), HasSubstr("killed by signal 9"));
  EXPECT_THAT(err.rest(), HasSubstr("usage:"));
}

TEST(ForkServer, ThatIsGoneLeavesItsChildrenToWhoeverHasThem) {
  const auto server = open(kEcho);
  ASSERT_TRUE(server) << server.error().message;
  Pipe out;
  const SpawnOptions hangs{.program = BERTH_WORKER,
                           .args = {"--describe", (kPlugins / "hangs_on_open.so").string()},
                           .out = out.writing.get(),
                           .err = out.writing.get(),
                           .fork_server = *server};
  auto child = Child::spawn(hangs);
  ASSERT_TRUE(child);
  const int pid = child->pid();
  ::kill((*server)->pid(), SIGKILL);
  EXPECT_TRUE(eventually([&] { return (*server)->is_gone(); }));
  EXPECT_FALSE(child->reap()) << "it runs on";
  child->kill();
  const auto exit = child->reap(true);
  ASSERT_TRUE(exit);
  // Where this process is the first of a container, it is the parent now.
  EXPECT_THAT(to_string(*exit), testing::AnyOf("ended, and nobody could see how", HasSubstr("killed by signal 9")));
  EXPECT_TRUE(eventually([&] { return state_of(pid).empty() || state_of(pid) == "Z"; }));
  auto next = Child::spawn(hangs);
  ASSERT_TRUE(next);
  EXPECT_EQ(parent_of(next->pid()), ::getpid()) << "it is started instead";
}

// A second process would listen at the sockets of one that nobody knows.
TEST(ForkServer, ThatDoesNotAnswerIsEndedAndNothingIsStartedInstead) {
  const auto server = open(kEcho);
  ASSERT_TRUE(server) << server.error().message;
  ::kill((*server)->pid(), SIGSTOP);
  Pipe out;
  const SpawnOptions options{.program = BERTH_WORKER,
                             .args = {"--describe", kEcho.string()},
                             .out = out.writing.get(),
                             .err = out.writing.get(),
                             .fork_server = *server};
  const auto child = Child::spawn(options);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, Code::cancelled);
  EXPECT_TRUE((*server)->is_gone());
  EXPECT_TRUE(Child::spawn(options)) << "it is known to have forked none";
}

TEST(ForkServer, LendsNoPriorityToThoseWhoDoNotYield) {
  const auto server = open(kEcho);
  ASSERT_TRUE(server) << server.error().message;
  const auto fork_some = [&](bool yields) {
    for (int i = 0; i < 50; ++i) {
      Pipe out;
      auto child = Child::spawn({.program = BERTH_WORKER,
                                 .args = {"--describe", (kPlugins / "hangs_on_open.so").string()},
                                 .out = out.writing.get(),
                                 .err = out.writing.get(),
                                 .fork_server = *server,
                                 .yields = yields});
      ASSERT_TRUE(child);
      if (yields) continue;
      EXPECT_EQ(::sched_getscheduler(child->pid()), SCHED_OTHER);
    }
  };
  { std::jthread first(fork_some, true), second(fork_some, true), hurried(fork_some, false); }
  EXPECT_EQ(::sched_getscheduler((*server)->pid()), SCHED_OTHER);
}

class ForkServersOfEcho : public testing::Test {
 protected:
  std::shared_ptr<ForkServer> get(const ServingOptions& serving = {}) { return servers_.get(*copy_, serving, no_); }

  test::TempFolder folder_;
  LibraryCopies copies_{folder_ / "copies"};
  const std::shared_ptr<const LibraryCopy> copy_ = *copies_.take(kEcho);
  const std::atomic<bool> no_ = false;
  ForkServers servers_{BERTH_WORKER};
};

TEST_F(ForkServersOfEcho, AreOneForThoseWhoNeedTheSame) {
  const auto first = get();
  ASSERT_TRUE(first);
  EXPECT_EQ(get(), first);
  ServingOptions more_threads;
  more_threads.threads_per_worker = 2;
  const auto second = get(more_threads);
  ASSERT_TRUE(second);
  EXPECT_NE(second, first) << "libraries look at it when they are opened";
  ServingOptions none;
  none.fork_server = false;
  EXPECT_EQ(get(none), nullptr);
}

TEST_F(ForkServersOfEcho, EndWhenNobodyHasThemAnyMore) {
  auto server = get();
  ASSERT_TRUE(server);
  const int pid = server->pid();
  servers_.end_unused();
  EXPECT_EQ(get()->pid(), pid);
  server.reset();
  servers_.end_unused();
  EXPECT_EQ(name_of(pid), "");
}

TEST_F(ForkServersOfEcho, AreStartedAnewWhereTheyDied) {
  const auto server = get();
  ASSERT_TRUE(server);
  ::kill(server->pid(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return server->is_gone(); }));
  const auto next = get();
  ASSERT_TRUE(next);
  EXPECT_NE(next, server);
}

TEST(SystemLibraries, AreThoseALibraryNamesWhereItNamesNoOthers) {
  const test::TempFolder folder;
  LibraryCopies copies(folder / "copies");
  const auto echo = *copies.take(kEcho);
  const auto& libraries = echo->system_libraries();
  ASSERT_FALSE(libraries.files.empty());
  for (const auto& file : libraries.files) EXPECT_TRUE(std::filesystem::is_regular_file(file)) << file;
  EXPECT_NE(libraries.fingerprint, "");
  const auto own = *copies.take(std::filesystem::path(BERTH_FAKES_DIR) / "side_by_side/first_build/first_build.so");
  EXPECT_TRUE(own->system_libraries().files.empty()) << "it brings one along";
  ::setenv("LD_LIBRARY_PATH", "/opt/lib", 1);
  EXPECT_TRUE(elf::system_libraries(kEcho).empty()) << "what these need may be others'";
  ::unsetenv("LD_LIBRARY_PATH");
  EXPECT_FALSE(elf::system_libraries(kEcho).empty());
}

}  // namespace
}  // namespace berth::hosting
