// SPDX-License-Identifier: Apache-2.0
#include "elf/file.h"

#include <gmock/gmock.h>

#include "support/temp_folder.h"

namespace berth::elf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::filesystem::path built(const std::string& name) { return std::filesystem::path(BERTH_ELF_DIR) / name; }

TEST(ElfFile, NamesWhatALibraryNeedsAndWhereItLooks) {
  const auto file = File::read(built("runpath.so"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_THAT(file->needed, Contains("libc.so.6"));
  EXPECT_THAT(file->search_paths, ElementsAre("$ORIGIN/../lib", "/opt/nowhere"));
  EXPECT_TRUE(file->has_runpath);
  EXPECT_EQ(file->soname, "libelf_runpath.so.7");
  EXPECT_EQ(file->build_id, "0123456789abcdef0123456789abcdef01234567");
}

TEST(ElfFile, TellsAnOldSearchPathFromANewOne) {
  const auto file = File::read(built("rpath.so"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_THAT(file->search_paths, ElementsAre("$ORIGIN"));
  EXPECT_FALSE(file->has_runpath);
  EXPECT_THAT(file->build_id, IsEmpty());
}

TEST(ElfFile, ReadsAProgramToo) {
  const auto file = File::read(BERTH_WORKER);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_THAT(file->needed, Contains("libstdc++.so.6"));
}

TEST(ElfFile, RefusesWhatIsNoElfFile) {
  const test::TempFolder folder;
  const auto file = File::read(folder.write("x.so", "text"));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace berth::elf
