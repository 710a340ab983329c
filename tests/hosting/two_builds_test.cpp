// SPDX-License-Identifier: Apache-2.0
// Two plugins, each with another build of one library, in one server: what LibTorch's users come to.
#include <gmock/gmock.h>

#include "elf/file.h"
#include "hosting/house.h"

namespace berth::hosting {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(BERTH_FAKES_DIR) / "side_by_side";

TEST(TwoBuilds, OfOneLibraryServeAtTheSameTimeEachWithItsOwnAnswer) {
  const auto first = elf::File::read(kFolder / "first_build/lib/libstand_in.so.1");
  const auto second = elf::File::read(kFolder / "second_build/lib/libstand_in.so.1");
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->soname, second->soname);
  House house;
  for (const auto* plugin : {"first_build", "second_build"}) {
    std::filesystem::copy(kFolder / plugin, house.folder / "plugins" / plugin,
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  }
  house.load();
  const auto one = house.model("first_build");
  const auto two = house.model("second_build");
  ASSERT_TRUE(one && two);
  for (int round = 0; round < 20; ++round) {
    auto from_one = submit(one, "{}");
    auto from_two = submit(two, "{}");
    EXPECT_EQ(body(wait(std::move(from_one))), R"({"build":1})");
    EXPECT_EQ(body(wait(std::move(from_two))), R"({"build":2})");
  }
}

}  // namespace
}  // namespace berth::hosting
