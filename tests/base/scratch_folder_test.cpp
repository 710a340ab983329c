// SPDX-License-Identifier: Apache-2.0
#include "base/scratch_folder.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "support/temp_folder.h"

namespace berth {
namespace {

namespace fs = std::filesystem;

class ScratchFolders : public testing::Test {
 protected:
  std::unique_ptr<ScratchFolder> make() {
    auto made = ScratchFolder::create(parent_.path());
    return made ? std::move(*made) : nullptr;
  }
  // A process that has one, with a file in it, until it is killed.
  pid_t start_holder(fs::path& folder) {
    int ends[2];
    if (::pipe(ends) != 0) return -1;
    const auto pid = ::fork();
    if (pid == 0) {
      const auto mine = make();
      std::ofstream(mine->path() / "file") << "large";
      const auto name = mine->path().string();
      if (::write(ends[1], name.data(), name.size()) < 0) ::_exit(1);
      for (;;) ::pause();
    }
    std::string name(4096, '\0');
    const auto size = ::read(ends[0], name.data(), name.size());
    ::close(ends[0]);
    ::close(ends[1]);
    folder = name.substr(0, size > 0 ? static_cast<std::size_t>(size) : 0);
    return pid;
  }
  fs::path make_old(const std::string& name) {
    const auto file = parent_.write(name + "/file", "x");
    fs::last_write_time(file.parent_path(), fs::file_time_type::clock::now() - std::chrono::hours(1));
    return file;
  }

  test::TempFolder parent_;
};

TEST_F(ScratchFolders, GoWithTheirOwners) {
  auto one = make(), other = make();
  ASSERT_TRUE(one && other);
  const auto path = one->path();
  EXPECT_NE(path, other->path());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
  std::ofstream(path / "file") << "x";
  one.reset();
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(other->path()));
}

TEST_F(ScratchFolders, OfAKilledProcessGoWhenTheNextIsMadeAndNoSooner) {
  fs::path folder;
  const auto holder = start_holder(folder);
  ASSERT_GT(holder, 0);
  EXPECT_TRUE(make());
  EXPECT_TRUE(fs::exists(folder / "file")) << "it was taken from a process that uses it";
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_TRUE(fs::exists(folder / "file"));
  EXPECT_TRUE(make());
  EXPECT_FALSE(fs::exists(folder));
}

// As what ages temporary files out leaves it.
TEST_F(ScratchFolders, OfALivingProcessStayThoughTheirFilesAreGone) {
  fs::path folder;
  const auto holder = start_holder(folder);
  ASSERT_GT(holder, 0);
  EXPECT_TRUE(fs::remove(folder / ".taken"));
  fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_TRUE(make());
  EXPECT_TRUE(fs::exists(folder / "file"));
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
}

TEST_F(ScratchFolders, ThatNobodyTookStayWhileTheyAreYoung) {
  const auto young = parent_.write("berth-run-aB3xYz/file", "x"), old = make_old("berth-run-qqqqqq");
  EXPECT_TRUE(make());
  EXPECT_TRUE(fs::exists(young));
  EXPECT_FALSE(fs::exists(old.parent_path()));
}

TEST_F(ScratchFolders, OfOtherNamesAndLinksAreNobodysToRemove) {
  const auto file = make_old("elsewhere");
  parent_.write("elsewhere/.taken", "");
  const auto linked = parent_ / "berth-run-linked";
  fs::create_directory_symlink(parent_ / "elsewhere", linked);
  std::vector<fs::path> kept{file, linked};
  for (const auto* name : {"berth-run", "berth-run-short", "berth-run-toolong", "berth-run-a.b.c_", "berth-models"}) {
    kept.push_back(make_old(name));
    parent_.write(std::string(name) + "/.taken", "");
  }
  kept.push_back(parent_.write("berth-run-afile0", "x"));
  EXPECT_TRUE(make());
  for (const auto& path : kept) EXPECT_TRUE(fs::exists(path)) << path;
}

TEST_F(ScratchFolders, OfOtherUsersStay) {
  const auto theirs = make_old("berth-run-theirs").parent_path();
  constexpr uid_t kSomebodyElse = 12345;
  if (::chown(theirs.c_str(), kSomebodyElse, kSomebodyElse) != 0)
    GTEST_SKIP() << "only root can make a folder another user's";
  EXPECT_TRUE(make());
  EXPECT_TRUE(fs::exists(theirs));
}

TEST_F(ScratchFolders, ThatCannotBeMadeAreAnErrorWithTheReason) {
  const auto made = ScratchFolder::create(parent_ / "nowhere");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, testing::HasSubstr("No such file"));
}

}  // namespace
}  // namespace berth
