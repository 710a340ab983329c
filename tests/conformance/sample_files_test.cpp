// SPDX-License-Identifier: Apache-2.0
#include "sdk/testing/sample_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/temp_folder.h"

namespace berth::conformance {
namespace {

TEST(SampleFiles, AFetchedUrlStandsForItsSample) {
  const test::TempFolder folder;
  const auto samples = find_samples({folder.write("a.txt", "a"), folder.write("b.txt", "bb")}, "");
  ASSERT_TRUE(samples);
  for (const auto& sample : samples->each) {
    EXPECT_EQ(samples->fetched(sample.url).bytes.view(), sample.file.bytes.view());
  }
  EXPECT_EQ(samples->fetched("https://example.org/sample").file_name, "a.txt");
}

TEST(SampleFiles, APackagesFilesAreThoseInItBesideItAndOfItsSelfTestEachOnce) {
  const test::TempFolder folder;
  for (const auto* made : {"digits/1/samples", "digits/samples", "digits/1/cases"}) {
    std::filesystem::create_directories(folder / made);
  }
  folder.write("digits/1/samples/in.png", "in");
  folder.write("digits/samples/beside.png", "beside");
  folder.write("digits/1/cases/tried.png", "tried");
  folder.write("digits/1/cases/same.png", "beside");
  folder.write("digits/1/cases/unnamed.png", "unnamed");
  folder.write("digits/1/model.yaml",
               "plugin: p\nself_test:\n- {file: cases/tried.png, label: a}\n- {file: cases/same.png, label: b}\n");
  const auto samples = find_samples({}, folder / "digits/1");
  ASSERT_TRUE(samples);
  EXPECT_FALSE(samples->made_up);
  std::vector<std::string> files;
  for (const auto& sample : samples->each) files.push_back(sample.file.file_name);
  EXPECT_THAT(files, testing::ElementsAre("in.png", "beside.png", "tried.png"));
  EXPECT_TRUE(find_samples({}, folder / "other/1")->made_up);
}

}  // namespace
}  // namespace berth::conformance
