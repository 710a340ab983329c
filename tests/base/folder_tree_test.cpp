// SPDX-License-Identifier: Apache-2.0
#include "base/folder_tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "base/unique_fd.h"
#include "support/temp_folder.h"

namespace berth {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 12345;
constexpr TreeBounds kBounds{.entries = 100, .depth = 32};
constexpr std::size_t kFileBytes = 64UL * 1024;

// Touches files as a user without powers for as long as it lives, where the tests run as root; `folders` are his then.
class AsNobody {
 public:
  explicit AsNobody(std::initializer_list<fs::path> folders) {
    if (::geteuid() != 0) return;
    for (const auto& folder : folders) EXPECT_EQ(::chown(folder.c_str(), kNobody, kNobody), 0);
    ::setfsuid(kNobody);
  }
  ~AsNobody() { ::setfsuid(::geteuid()); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

// No more than `more` descriptors besides those that are open, for as long as it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t more) {
    const UniqueFd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{static_cast<rlim_t>(next.get()) + more, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

class FolderTrees : public testing::Test {
 protected:
  FolderTrees() { fs::create_directory(tree_); }

  static void write(int folder) {
    const UniqueFd file(::openat(folder, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string bytes(kFileBytes, 'x');
    EXPECT_EQ(::write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  // Folders in folders, whatever the path's length, and a file in the last. Then each is given `mode`.
  void nest(int depth, const std::string& name, mode_t mode = 0700) const {
    UniqueFd folder(::open(tree_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < depth; ++i) {
      ASSERT_EQ(::mkdirat(folder.get(), name.c_str(), 0700), 0) << i;
      UniqueFd inside(::openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      ASSERT_TRUE(inside);
      ASSERT_EQ(::fchmod(folder.get(), i == 0 ? 0700 : mode), 0);
      folder = std::move(inside);
    }
    write(folder.get());
    ASSERT_EQ(::fchmod(folder.get(), mode), 0);
  }
  void expect_removed() const {
    const auto removed = remove_tree(tree_);
    EXPECT_TRUE(removed) << removed.error().message;
    EXPECT_FALSE(fs::exists(fs::symlink_status(tree_)));
  }

  test::TempFolder parent_;
  const fs::path tree_ = parent_ / "tree";
};

TEST_F(FolderTrees, CountTheSpaceOfAllThatTheyHold) {
  const auto empty = bytes_of_tree(tree_, kBounds);
  EXPECT_EQ(empty, 0U);
  nest(3, "deep");
  EXPECT_GE(bytes_of_tree(tree_, kBounds).value_or(0), kFileBytes);
  EXPECT_EQ(bytes_of_tree(parent_ / "nowhere", kBounds), 0U);
}

TEST_F(FolderTrees, CountNothingBehindALink) {
  nest(1, "large");
  fs::create_directory(parent_ / "other");
  fs::create_directory_symlink(tree_, parent_ / "other/link");
  EXPECT_LT(bytes_of_tree(parent_ / "other", kBounds).value_or(kFileBytes), kFileBytes);
}

TEST_F(FolderTrees, AreBeyondTheirBoundsWithOneEntryTooMany) {
  for (int i = 0; i < 3; ++i) parent_.write("tree/" + std::to_string(i), "x");
  EXPECT_TRUE(bytes_of_tree(tree_, {.entries = 3, .depth = 1}));
  EXPECT_FALSE(bytes_of_tree(tree_, {.entries = 2, .depth = 1}));
}

TEST_F(FolderTrees, AreBeyondTheirBoundsWhereTheyAreTooDeep) {
  nest(3, "deep");
  EXPECT_TRUE(bytes_of_tree(tree_, {.entries = 10, .depth = 3}));
  EXPECT_FALSE(bytes_of_tree(tree_, {.entries = 10, .depth = 2}));
}

TEST_F(FolderTrees, HideNothingBehindLongPaths) {
  nest(20, std::string(255, 'n'));
  EXPECT_GE(bytes_of_tree(tree_, kBounds).value_or(0), kFileBytes);
  expect_removed();
}

TEST_F(FolderTrees, HideNothingBehindModes) {
  const AsNobody nobody({parent_.path(), tree_});
  struct stat found {};
  if (::lstat(tree_.c_str(), &found) != 0) GTEST_SKIP() << "the temporary folder is not everybody's";
  nest(4, "hidden", 0300);
  parent_.write("tree/no_writing/file", "x");
  parent_.write("tree/no_writing/folder/file", "x");
  ASSERT_EQ(::chmod((tree_ / "no_writing/folder").c_str(), 0), 0);
  ASSERT_EQ(::chmod((tree_ / "no_writing").c_str(), 0500), 0);
  EXPECT_FALSE(bytes_of_tree(tree_, kBounds));
  expect_removed();
}

TEST_F(FolderTrees, TakeFewDescriptorsToRemove) {
  nest(300, "d");
  parent_.write("tree/d/beside/file", "x");
  parent_.write("tree/0/1/2/file", "x");  // the names that it moves folders to
  parent_.write("tree/1", "x");
  EXPECT_FALSE(bytes_of_tree(tree_, kBounds));
  const FewDescriptors few(6);
  expect_removed();
}

TEST_F(FolderTrees, AreRemovedWithoutWhatTheirLinksLeadTo) {
  const auto file = parent_.write("elsewhere/file", "a stranger's");
  fs::create_directory_symlink(parent_ / "elsewhere", tree_ / "link");
  expect_removed();
  fs::create_directory_symlink(parent_ / "elsewhere", tree_);
  expect_removed();
  EXPECT_TRUE(fs::exists(file));
}

TEST_F(FolderTrees, ThatAreFilesOrNotThereAreRemovedToo) {
  expect_removed();
  expect_removed();
  parent_.write("tree", "x");
  expect_removed();
  EXPECT_TRUE(remove_tree(parent_ / "no/where"));
}

TEST_F(FolderTrees, SayWhyTheyStay) {
  parent_.write("tree/theirs/file", "x");
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a folder another user's";
  const AsNobody nobody({parent_.path(), tree_});
  const auto removed = remove_tree(tree_);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().message, "cannot remove " + tree_.string() + " and all in it: Permission denied");
}

}  // namespace
}  // namespace berth
