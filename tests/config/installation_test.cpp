// SPDX-License-Identifier: Apache-2.0
#include "config/installation.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support/temp_folder.h"

namespace berth::config {
namespace {

using testing::ElementsAre;

std::filesystem::path touch(const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "";
  return path;
}

TEST(Installation, FindsWhatIsInstalledUnderAPrefix) {
  const test::TempFolder folder;
  const auto root = std::filesystem::canonical(folder / ".");
  const auto program = touch(root / "bin/berth");
  const auto worker = touch(root / "libexec/berth/berth-worker");
  touch(root / "lib/x86_64-linux-gnu/berth/plugins/greeter.so");
  touch(root / "share/berth/template/CMakeLists.txt");
  const auto found = find_installation(program);
  EXPECT_EQ(found.program, program);
  EXPECT_EQ(found.worker, worker);
  EXPECT_THAT(found.plugins_dirs, ElementsAre(root / "lib/x86_64-linux-gnu/berth/plugins"));
  EXPECT_EQ(found.template_dir, root / "share/berth/template");
  EXPECT_EQ(found.models_dir, "");
}

TEST(Installation, FindsWhatABuildTreeHolds) {
  const test::TempFolder folder;
  const auto root = std::filesystem::canonical(folder / ".");
  touch(root / "bin/berth");
  const auto worker = touch(root / "bin/berth-worker");
  touch(root / "plugins/greeter.so");
  std::filesystem::create_symlink(root / "bin/berth", root / "link");
  const auto found = find_installation(root / "link");
  EXPECT_EQ(found.worker, worker);
  EXPECT_THAT(found.plugins_dirs, ElementsAre(root / "plugins"));
}

TEST(Installation, FindsNothingAroundAProgramThatIsNotThere) {
  const test::TempFolder folder;
  const auto found = find_installation(folder / "berth");
  EXPECT_EQ(found.program, "");
  EXPECT_TRUE(found.plugins_dirs.empty());
}

TEST(Installation, BeginsWithTheRunningProgram) { EXPECT_EQ(find_installation().program.filename(), "config_test"); }

}  // namespace
}  // namespace berth::config
