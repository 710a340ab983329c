// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "hosting/house.h"
#include "hosting/library.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

Result<Library> describe_fake(const std::string& name, std::chrono::seconds timeout = 30s) {
  const auto fake = std::filesystem::path(BERTH_FAKES_DIR) / (name + ".so");
  const auto own = std::filesystem::path(BERTH_PLUGINS_DIR) / (name + ".so");
  return describe(std::filesystem::exists(fake) ? fake : own, BERTH_WORKER, timeout);
}

TEST(Describe, TellsNamesVersionsAndMethods) {
  const auto library = describe_fake("two_models");
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_EQ(library->name, "two_models");
  EXPECT_EQ(library->version, "1.0");
  EXPECT_EQ(library->abi_version, 1U);
  ASSERT_EQ(library->models.size(), 2U);
  EXPECT_EQ(library->models[0].name, "upper_case");
  EXPECT_THAT(library->models[0].methods, testing::Contains("predict_data"));
  EXPECT_THAT(library->models[0].methods, testing::Not(testing::Contains("train")));
  EXPECT_THAT(library->models[1].methods, testing::Contains("predict_url"));
}

TEST(Describe, IsNotConfusedByWhatALibraryPrints) {
  const auto library = describe_fake("noisy");
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_EQ(library->name, "noisy");
}

TEST(Describe, GivesUpOnALibraryThatHangs) {
  const auto start = std::chrono::steady_clock::now();
  const auto library = describe_fake("hangs_on_open", 1s);
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, Code::timeout);
  EXPECT_THAT(library.error().message, HasSubstr("within 1 s"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
}

TEST(Describe, SaysHowALibraryDiedAndWhatItLastPrinted) {
  const auto library = describe_fake("crashes_on_open");
  ASSERT_FALSE(library);
  EXPECT_THAT(library.error().message, HasSubstr("killed by signal 6"));
  EXPECT_THAT(library.error().message, HasSubstr("the licence server is down"));
}

TEST(Describe, SaysWhichNeededLibraryIsMissing) {
  const test::TempFolder folder;
  // The name of a library that echo needs, made into one that nobody has.
  auto bytes = test::read_file(std::string(BERTH_FAKES_DIR) + "/echo.so");
  const auto at = bytes.find("libstdc++.so.6");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 14, "libnowhere.so9");
  const auto library = describe(folder.write("broken.so", bytes), BERTH_WORKER, 30s);
  ASSERT_FALSE(library);
  EXPECT_THAT(library.error().message, HasSubstr("libnowhere.so9"));
}

}  // namespace
}  // namespace berth::hosting
