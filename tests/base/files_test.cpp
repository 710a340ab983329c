// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <utility>

#include "support/temp_folder.h"

namespace berth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::uint64_t kMiB = 1024UL * 1024;

TEST(ReadFile, GivesTheWholeFile) {
  const test::TempFolder folder;
  const std::string bytes = std::string(100'000, 'a') + std::string(1, '\0') + "end";
  const auto read = read_file(folder.write("file", bytes), bytes.size());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, bytes);
  EXPECT_EQ(*read_file(folder.write("empty", ""), 0), "");
}

TEST(ReadFile, SaysThatThereIsNone) {
  const test::TempFolder folder;
  const auto read = read_file(folder / "none", kMiB);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::not_found);
  EXPECT_EQ(read.error().message, (folder / "none").string() + ": No such file or directory");
}

TEST(ReadFile, CallsTheFileAsItsCallerDoes) {
  const test::TempFolder folder;
  EXPECT_EQ(read_file(folder / "model.yaml", kMiB, "model.yaml").error().message,
            "model.yaml: No such file or directory");
}

TEST(ReadFile, ReadsNoMoreThanItsBound) {
  const test::TempFolder folder;
  const auto file = folder.write("file", std::string(kMiB + 1, 'a'));
  EXPECT_TRUE(read_file(file, kMiB + 1));
  const auto read = read_file(file, kMiB, "it");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::too_large);
  EXPECT_EQ(read.error().message, "it: it is larger than 1 MiB");
  EXPECT_EQ(read_file(file, 1000, "it").error().message, "it: it is larger than 1000 bytes");
}

// Its size is 0 for those who ask.
TEST(ReadFile, HoldsToItsBoundWhateverSizeTheFileClaims) {
  EXPECT_THAT(*read_file("/proc/self/maps", 64 * kMiB), HasSubstr("[stack]"));
  EXPECT_EQ(read_file("/proc/self/maps", 100).error().code, Code::too_large);
}

TEST(ReadFile, WaitsForNoPipeAndReadsNoFolder) {
  const test::TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const auto& [name, reason] : {std::pair("pipe", "it is no regular file"), std::pair(".", "it is a folder")}) {
    const auto read = read_file(folder / name, kMiB);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::unavailable);
    EXPECT_THAT(read.error().message, HasSubstr(reason));
  }
}

TEST(ReplaceFile, PutsTheNewInThePlaceOfTheOldAndLeavesNothingElse) {
  const test::TempFolder folder;
  for (const bool durable : {true, false}) {
    for (const auto* text : {"the first, which is longer", "the second", ""}) {
      const auto written = replace_file(folder / "file", text, {.durable = durable});
      ASSERT_TRUE(written) << written.error().message;
      EXPECT_EQ(test::read_file(folder / "file"), text);
    }
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(ReplaceFile, GivesTheFileItsMode) {
  const test::TempFolder folder;
  ASSERT_TRUE(replace_file(folder / "file", "secret", {.mode = 0600}));
  EXPECT_EQ(fs::status(folder / "file").permissions(), fs::perms(0600));
}

TEST(ReplaceFile, LeavesWhatWasThereWhereItFails) {
  const test::TempFolder folder;
  folder.write("taken/file", "old");
  const auto onto_folder = replace_file(folder / "taken", "new");
  ASSERT_FALSE(onto_folder);
  EXPECT_EQ(onto_folder.error().code, Code::unavailable);
  EXPECT_THAT(onto_folder.error().message, HasSubstr("cannot write " + (folder / "taken").string() + ": "));
  EXPECT_EQ(test::read_file(folder / "taken/file"), "old");
  EXPECT_FALSE(fs::exists(folder / "taken.new"));
  EXPECT_EQ(replace_file(folder / "none/file", "new").error().message,
            "cannot write " + (folder / "none/file").string() + ": No such file or directory");
}

TEST(ReplaceFile, FollowsNoLinkThatLiesInItsWay) {
  const test::TempFolder folder;
  folder.write("victim", "old");
  fs::create_symlink(folder / "victim", folder / "file.new");
  EXPECT_FALSE(replace_file(folder / "file", "new"));
  EXPECT_EQ(test::read_file(folder / "victim"), "old");
}

}  // namespace
}  // namespace berth
