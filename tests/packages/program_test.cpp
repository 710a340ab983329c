// SPDX-License-Identifier: Apache-2.0
// `berth pack` and `berth unpack` as a user calls them, without a server.
#include <gmock/gmock.h>

#include <string>

#include "support/command.h"
#include "support/temp_folder.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class Program : public testing::Test {
 protected:
  Program() {
    folder_.write("from/digits/1/model.yaml", "plugin: image_classifier\n");
    folder_.write("from/digits/1/model.pt", "weights");
    fs::create_directories(folder_ / "models");
  }

  // In the test's folder, which has no configuration and no server.
  test::Ended berth(const std::string& arguments) const {
    return test::run("cd '" + folder_.path().string() + "' && " BERTH_PROGRAM " " + arguments + " 2>&1");
  }

  test::TempFolder folder_;
};

TEST_F(Program, PacksAFolderUnderItsNameAndUnpacksItAgain) {
  const auto packed = berth("pack from/digits/1/");
  EXPECT_EQ(packed.code, 0) << packed.output;
  EXPECT_THAT(packed.output, HasSubstr("digits-1.berth.tar.gz holds digits/1: 2 files; plugin image_classifier"));
  const auto unpacked = berth("unpack digits-1.berth.tar.gz");
  EXPECT_EQ(unpacked.code, 0) << unpacked.output;
  EXPECT_THAT(unpacked.output, HasSubstr("models/digits/1: 2 files; plugin image_classifier serves it"));
  EXPECT_EQ(test::read_file(folder_ / "models/digits/1/model.pt"), "weights");
}

TEST_F(Program, PacksUnderAnotherNameAndPlace) {
  EXPECT_EQ(berth("pack from/digits/1 --as numbers/202611220345 -o n.tar.gz").code, 0);
  fs::create_directories(folder_ / "elsewhere");
  const auto unpacked = berth("unpack n.tar.gz --models-dir elsewhere");
  EXPECT_EQ(unpacked.code, 0) << unpacked.output;
  EXPECT_TRUE(fs::exists(folder_ / "elsewhere/numbers/202611220345/model.pt"));
}

TEST_F(Program, EndsWith2WhereItWasCalledWrongly) {
  ASSERT_EQ(berth("pack from/digits/1").code, 0);
  for (const auto* arguments :
       {"pack", "unpack", "pack from/digits/1 --as 1", "pack from/digits/1 --as a/b/1", "pack from/digits/1 --as a/one",
        "pack from/digits/1 --as ../1", "pack from/digits", "unpack digits-1.berth.tar.gz --max-size many",
        "unpack digits-1.berth.tar.gz --max-ratio 0", "unpack digits-1.berth.tar.gz --max-files -1"}) {
    const auto ended = berth(arguments);
    EXPECT_EQ(ended.code, 2) << arguments << "\n" << ended.output;
  }
  EXPECT_TRUE(fs::is_empty(folder_ / "models"));
}

TEST_F(Program, EndsWith1WhereItCannotDoIt) {
  ASSERT_EQ(berth("pack from/digits/1").code, 0);
  folder_.write("torn.tar.gz", test::read_file(folder_ / "digits-1.berth.tar.gz").substr(0, 150));
  const std::pair<const char*, const char*> cases[] = {
      {"pack nowhere/m/1", "nowhere/m/1: No such file"},
      {"unpack none.tar.gz", "none.tar.gz: No such file"},
      {"unpack torn.tar.gz", "damaged, cut short"},
      {"unpack digits-1.berth.tar.gz --models-dir nowhere", "no folder of models at nowhere"},
      {"unpack digits-1.berth.tar.gz --max-size 10B", "larger together than the 10 bytes"},
      {"unpack digits-1.berth.tar.gz --max-file-size 6B", "more than the 6 that are allowed"},
      {"unpack digits-1.berth.tar.gz --max-files 1", "it has 2 files, more than the 1"}};
  for (const auto& [arguments, why] : cases) {
    const auto ended = berth(arguments);
    EXPECT_EQ(ended.code, 1) << arguments;
    EXPECT_THAT(ended.output, AllOf(HasSubstr("berth: "), HasSubstr(why))) << arguments;
    EXPECT_TRUE(fs::is_empty(folder_ / "models")) << arguments;
  }
  EXPECT_EQ(berth("unpack digits-1.berth.tar.gz").code, 0);
  const auto again = berth("unpack digits-1.berth.tar.gz");
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.output, HasSubstr("a version never changes"));
}

TEST_F(Program, DoesNotPackFilesThatAreNotThoseOfThePackage) {
  ASSERT_EQ(berth("pack from/digits/1 && " BERTH_PROGRAM " unpack digits-1.berth.tar.gz").code, 0);
  folder_.write("models/digits/1/model.pt", "rotten!");
  const auto packed = berth("pack models/digits/1 -o again.tar.gz");
  EXPECT_EQ(packed.code, 1);
  EXPECT_THAT(packed.output, AllOf(HasSubstr("\"model.pt\" is not the file"), HasSubstr("remove the manifest")));
  EXPECT_FALSE(fs::exists(folder_ / "again.tar.gz"));
}

}  // namespace
}  // namespace berth::packages
