// SPDX-License-Identifier: Apache-2.0
#include "packages/staging.h"

#include <gtest/gtest.h>

#include <optional>

#include "support/temp_folder.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;

// What a server that looks for models sees there.
bool nothing_visible(const fs::path& folder, const std::string& but = "") {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with('.') && name != but) return false;
  }
  return true;
}

TEST(Staging, ShowsAModelWithItsFirstVersionAtOnce) {
  const test::TempFolder models;
  auto staging = Staging::create(models.path(), "m", "1");
  ASSERT_TRUE(staging);
  ASSERT_TRUE(staging->create_file("sub/x"));
  EXPECT_TRUE(nothing_visible(models.path()));
  EXPECT_FALSE(fs::is_empty(models.path()));
  const auto folder = staging->publish();
  ASSERT_TRUE(folder) << folder.error().message;
  EXPECT_TRUE(fs::exists(models / "m/1/sub/x"));
}

TEST(Staging, ShowsAnotherVersionAtOnce) {
  const test::TempFolder models;
  models.write("m/1/model.yaml", "");
  auto staging = Staging::create(models.path(), "m", "2");
  ASSERT_TRUE(staging);
  ASSERT_TRUE(staging->create_file("x"));
  EXPECT_TRUE(nothing_visible(models.path(), "m"));
  EXPECT_TRUE(nothing_visible(models / "m", "1"));
  ASSERT_TRUE(staging->publish());
  EXPECT_TRUE(fs::exists(models / "m/2/x"));
}

TEST(Staging, IsGoneUnlessPublished) {
  const test::TempFolder models;
  {
    auto staging = Staging::create(models.path(), "m", "1");
    ASSERT_TRUE(staging);
    auto moved = std::optional(*std::move(staging));
    ASSERT_TRUE(moved->create_file("sub/x"));
    EXPECT_FALSE(fs::is_empty(models.path()));
  }
  EXPECT_TRUE(fs::is_empty(models.path()));
}

TEST(Staging, LeavesWhatSomebodyPutThereMeanwhile) {
  const test::TempFolder models;
  for (const auto* version : {"1", "2"}) {  // the model is new, then its version is
    auto staging = Staging::create(models.path(), "m", version);
    ASSERT_TRUE(staging);
    models.write(std::string("m/").append(version).append("/theirs"), "theirs");
    const auto published = staging->publish();
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().code, Code::conflict);
    EXPECT_EQ(test::read_file(models / (std::string("m/").append(version).append("/theirs"))), "theirs");
  }
}

}  // namespace
}  // namespace berth::packages
