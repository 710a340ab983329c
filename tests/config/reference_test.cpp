// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/config.h"
#include "config/suggestion.h"
#include "support/temp_folder.h"

namespace berth::config {
namespace {

// With BERTH_UPDATE_REFERENCE=1 the file is written instead.
void expect_same(const char* name, const std::string& text) {
  const auto path = std::filesystem::path(BERTH_SOURCE_DIR) / name;
  if (std::getenv("BERTH_UPDATE_REFERENCE")) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(test::read_file(path), text) << "run config_test once with BERTH_UPDATE_REFERENCE=1 and commit " << name;
}

TEST(Reference, TheShippedFileSaysWhatTheProgramDoes) { expect_same("config/berth.yaml", reference_yaml()); }

TEST(Reference, TheShippedPageSaysWhatTheProgramDoes) { expect_same("docs/configuration.md", reference_markdown()); }

TEST(Reference, TheShippedFileHoldsTheDefaults) {
  const auto path = std::filesystem::path(BERTH_SOURCE_DIR) / "config/berth.yaml";
  const auto config = load(path);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(*config, Config{});
}

TEST(Reference, FileAndPageNameEveryKey) {
  const auto page = reference_markdown();
  const auto file = reference_yaml();
  for (const auto& key : all_keys()) {
    EXPECT_THAT(page, testing::HasSubstr("`" + key + "`"));
    EXPECT_THAT(file, testing::ContainsRegex("\n *" + key.substr(key.rfind('.') + 1) + ":"));
  }
}

}  // namespace
}  // namespace berth::config
