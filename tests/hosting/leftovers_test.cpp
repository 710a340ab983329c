// SPDX-License-Identifier: Apache-2.0
// When a registry is gone, nothing of it is left: no process, no descriptor, no file.
#include <dirent.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <set>

#include "hosting/house.h"
#include "hosting/spawn.h"
#include "hosting/supervisor.h"

namespace berth::hosting {
namespace {

std::size_t descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

// Of workers.
std::size_t scratch_folders(const House& house) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(house.folder / "scratch")) {
    if (entry.path().filename() != ".lock" && entry.path().filename() != "libraries") ++count;
  }
  return count;
}

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

TEST(Leftovers, OfARegistryAreNone) {
  House house;
  const auto before = descriptors();
  house.load({"echo", "crasher", "fails_on_create", "sleeper"});
  // Of the one that could not start, none, as soon as its process has been waited for.
  EXPECT_TRUE(eventually([&] { return scratch_folders(house) == 3; })) << scratch_folders(house);
  EXPECT_FALSE(ask(house.model("crasher"), R"({"mode":"abort"})").output);
  EXPECT_TRUE(ask(house.model("echo"), "{}").output);
  auto running = submit(house.model("sleeper"), R"({"seconds":3600})");
  house.registry.reset();
  EXPECT_FALSE(wait(std::move(running)).output);
  EXPECT_EQ(scratch_folders(house), 0U);
  EXPECT_FALSE(std::filesystem::exists(house.folder / "scratch/libraries"));
  EXPECT_FALSE(has_children());
  EXPECT_EQ(descriptors(), before);
}

TEST(Leftovers, OfManyDeadWorkersAreNone) {
  House house;
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  const auto before = descriptors();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(ask(crasher, R"({"mode":"exit"})").output);
  ASSERT_TRUE(ask(crasher, R"({"mode":"none"})").output);
  EXPECT_TRUE(eventually([&] { return descriptors() == before && scratch_folders(house) == 1; })) << descriptors();
}

TEST(Leftovers, OfADeadServerGoWhenTheNextStarts) {
  House house;
  house.folder.write("scratch/worker-77/deep/file", "a dead worker's");
  house.folder.write("scratch/libraries/old.so", "a dead server's");
  const auto linked = house.folder.write("elsewhere/file", "a stranger's");
  std::filesystem::create_directory_symlink(house.folder / "elsewhere", house.folder / "scratch/worker-88");
  house.load({"echo"});
  EXPECT_TRUE(ask(house.model("echo"), "{}").output);
  for (const auto* gone : {"scratch/worker-77", "scratch/libraries/old.so", "scratch/worker-88"}) {
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(house.folder / gone))) << gone;
  }
  EXPECT_EQ(std::filesystem::status(house.folder / "scratch").permissions(), std::filesystem::perms::owner_all);
  house.registry.reset();
  EXPECT_EQ(test::read_file(linked), "a stranger's");
}

// What another user's process left there, say.
TEST(Leftovers, ThatCannotBeRemovedAreNoWorkersScratchFolder) {
  const test::TempFolder folder;
  auto first = Supervisor::create(folder / "scratch");
  ASSERT_TRUE(first) << first.error().message;
  folder.write("scratch/worker-1/file", "it stayed");
  const auto made = (*first)->make_scratch();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made, folder / "scratch/worker-2");
}

TEST(Leftovers, AreNotLookedForWhereTheFolderIsNoneOfOurs) {
  House house;
  const auto linked = house.folder.write("elsewhere/worker-1/file", "a stranger's");
  std::filesystem::create_directory_symlink(house.folder / "elsewhere", house.folder / "scratch");
  const auto made = Registry::create(house.options);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message,
              testing::HasSubstr("scratch: it is there already, and is no folder of this user's"));
  EXPECT_EQ(test::read_file(linked), "a stranger's");
}

TEST(Leftovers, OfAKilledServerAreNoWorkers) {
  const test::TempFolder folder;
  std::filesystem::create_directories(folder / "plugins");
  for (const auto* name : {"echo.so", "sleeper.so"}) {
    std::filesystem::create_symlink(std::filesystem::path(BERTH_FAKES_DIR) / name, folder / "plugins" / name);
  }
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  UniqueFd reading(ends[0]), writing(ends[1]);
  auto holder = Child::spawn({.program = BERTH_REGISTRY_HOLDER,
                              .args = {BERTH_WORKER, folder / "plugins", folder / "scratch"},
                              .environment = {},
                              .out = writing.get(),
                              .err = 2,
                              .inherited = {}});
  ASSERT_TRUE(holder) << holder.error().message;
  writing.reset();
  FILE* lines = ::fdopen(reading.release(), "r");
  std::vector<int> workers;
  for (int pid = 0; std::fscanf(lines, "%d", &pid) == 1 && pid != 0;) workers.push_back(pid);
  std::fclose(lines);
  ASSERT_EQ(workers.size(), 2U);
  // The workers lead groups of their own: only the server itself is killed.
  ::kill(holder->pid(), SIGKILL);
  holder->reap(true);
  for (const int pid : workers) {
    // A process whose parent is gone is reaped by init, or stays a zombie where there is none that reaps.
    EXPECT_TRUE(eventually([&] {
      std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
      std::string number, name, state;
      return !(stat >> number >> name >> state) || state == "Z";
    })) << pid;
  }
}

}  // namespace
}  // namespace berth::hosting
