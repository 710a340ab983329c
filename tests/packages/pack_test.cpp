// SPDX-License-Identifier: Apache-2.0
#include "packages/pack.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>

#include "packages/unpack.h"
#include "support/temp_folder.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const Manifest kIdentity{"m", "1", "packaged", "0.1.0"};
// Bytes that are no text, a path that tar's plain header cannot hold, and one that is not ASCII.
const std::string kBinary("\0\1\2\xff\r\n", 6);
const std::string kLong = std::string(120, 'l') + "/" + std::string(120, 'f');
const std::string kForeign = "Straße/重み.bin";

void fill(const test::TempFolder& folder, const std::string& at) {
  folder.write(at + "/model.yaml", "plugin: packaged\n");
  folder.write(at + "/weights.bin", kBinary);
  folder.write(at + "/empty", "");
  folder.write(at + "/.hidden", "kept");
  folder.write(at + "/" + kLong, "long");
  folder.write(at + "/" + kForeign, std::string(1'000'000, 'w'));
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

TEST(Pack, IsUndoneByUnpack) {
  const test::TempFolder folder;
  fill(folder, "in");
  fs::create_directory(folder / "models");
  const auto packed = pack(folder / "in", kIdentity, folder / "m.tar.gz");
  ASSERT_TRUE(packed) << packed.error().message;
  const auto unpacked = unpack(folder / "m.tar.gz", folder / "models");
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->folder, folder / "models/m/1");
  EXPECT_EQ(unpacked->manifest.plugin, "packaged");
  EXPECT_EQ(unpacked->manifest.berth, "0.1.0");
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "in")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const auto path = entry.path().lexically_relative(folder / "in");
    EXPECT_EQ(test::read_file(folder / "models/m/1" / path), test::read_file(entry.path())) << path;
  }
  EXPECT_EQ(unpacked->manifest.files.size(), files);
  EXPECT_THAT(names_in(folder / "models"), ElementsAre("m"));
  EXPECT_THAT(names_in(folder / "models/m"), ElementsAre("1"));
  EXPECT_TRUE(fs::exists(folder / "models/m/1" / kManifestName));
}

TEST(Pack, GivesTheSameBytesForTheSameFiles) {
  const test::TempFolder folder;
  fill(folder, "a");
  fill(folder, "other/b");
  for (const auto& entry : fs::recursive_directory_iterator(folder / "other/b")) {
    fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(1000));
    fs::permissions(entry.path(), fs::perms::owner_all);
  }
  ASSERT_TRUE(pack(folder / "a", kIdentity, folder / "1"));
  ASSERT_TRUE(pack(folder / "other/b", kIdentity, folder / "2"));
  fs::create_directory(folder / "models");
  ASSERT_TRUE(unpack(folder / "1", folder / "models"));
  ASSERT_TRUE(pack(folder / "models/m/1", kIdentity, folder / "3")) << "with the manifest that unpack left";
  const auto first = test::read_file(folder / "1");
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(test::read_file(folder / "2"), first);
  EXPECT_EQ(test::read_file(folder / "3"), first);
  folder.write("a/weights.bin", "other");
  ASSERT_TRUE(pack(folder / "a", kIdentity, folder / "4"));
  EXPECT_NE(test::read_file(folder / "4"), first);
}

TEST(Pack, RefusesWhatCouldNotBeUnpacked) {
  const auto refusal = [](const std::function<void(const test::TempFolder&)>& change, const Manifest& identity) {
    const test::TempFolder folder;
    folder.write("in/model.yaml", "plugin: packaged\n");
    fs::create_directory(folder / "out");
    change(folder);
    const auto packed = pack(folder / "in", identity, folder / "out/m.tar.gz");
    EXPECT_TRUE(fs::is_empty(folder / "out"));
    return packed ? "packed" : packed.error().message;
  };
  const auto nothing = [](const test::TempFolder&) {};
  EXPECT_THAT(refusal([](auto& in) { fs::create_symlink("/etc/passwd", in / "in/x"); }, kIdentity),
              HasSubstr("\"x\": it is a link"));
  EXPECT_THAT(refusal([](auto& in) { fs::create_directory_symlink("/etc", in / "in/x"); }, kIdentity),
              HasSubstr("\"x\": it is a link"));
  EXPECT_THAT(refusal([](auto& in) { EXPECT_EQ(::mkfifo((in / "in/x").c_str(), 0600), 0); }, kIdentity),
              HasSubstr("\"x\": it is no file"));
  EXPECT_THAT(refusal([](auto& in) { in.write("in/\xff", "x"); }, kIdentity), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal([](auto& in) { fs::remove(in / "in/model.yaml"); }, kIdentity), HasSubstr("no model.yaml"));
  EXPECT_THAT(refusal([](auto& in) { fs::remove_all(in / "in"); }, kIdentity), HasSubstr("cannot be read"));
  EXPECT_THAT(refusal(nothing, {"../m", "1", "p", ""}), HasSubstr("its name"));
  EXPECT_THAT(refusal(nothing, {"m", "v1", "p", ""}), HasSubstr("its version"));
}

TEST(Pack, RefusesToWriteIntoWhatItPacks) {
  const test::TempFolder folder;
  folder.write("in/model.yaml", "plugin: packaged\n");
  const auto packed = pack(folder / "in", kIdentity, folder / "in/sub/../m.tar.gz");
  ASSERT_FALSE(packed);
  EXPECT_THAT(packed.error().message, HasSubstr("lies in the folder"));
}

TEST(Pack, KeepsTheOldArchiveWhereItFails) {
  const test::TempFolder folder;
  folder.write("in/x", "no model.yaml");
  folder.write("m.tar.gz", "old");
  ASSERT_FALSE(pack(folder / "in", kIdentity, folder / "m.tar.gz"));
  EXPECT_EQ(test::read_file(folder / "m.tar.gz"), "old");
  const auto nowhere = pack(folder / "in", kIdentity, folder / "none/m.tar.gz");
  EXPECT_FALSE(nowhere);
}

class UnpackBeside : public testing::Test {
 protected:
  UnpackBeside() {
    folder_.write("in/model.yaml", "plugin: packaged\n");
    fs::create_directory(folder_ / "models");
    EXPECT_TRUE(pack(folder_ / "in", kIdentity, folder_ / "1.tar.gz"));
    EXPECT_TRUE(pack(folder_ / "in", {"m", "202611220345", "packaged", ""}, folder_ / "2.tar.gz"));
  }
  test::TempFolder folder_;
};

TEST_F(UnpackBeside, ANewVersionLeavesTheOldOne) {
  ASSERT_TRUE(unpack(folder_ / "1.tar.gz", folder_ / "models"));
  ASSERT_TRUE(unpack(folder_ / "2.tar.gz", folder_ / "models"));
  EXPECT_THAT(names_in(folder_ / "models/m"), ElementsAre("1", "202611220345"));
}

TEST_F(UnpackBeside, AVersionThatExistsIsNeverTouched) {
  folder_.write("models/m/1/model.yaml", "mine");
  const auto again = unpack(folder_ / "1.tar.gz", folder_ / "models");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::conflict);
  EXPECT_THAT(again.error().message, HasSubstr("a version never changes"));
  EXPECT_EQ(test::read_file(folder_ / "models/m/1/model.yaml"), "mine");
  EXPECT_THAT(names_in(folder_ / "models/m"), ElementsAre("1"));
}

TEST_F(UnpackBeside, AFileInItsPlaceIsNeverTouched) {
  folder_.write("models/m", "mine");
  EXPECT_FALSE(unpack(folder_ / "1.tar.gz", folder_ / "models"));
  EXPECT_EQ(test::read_file(folder_ / "models/m"), "mine");
  EXPECT_THAT(names_in(folder_ / "models"), ElementsAre("m"));
}

TEST_F(UnpackBeside, NothingIsNotFound) {
  const auto unpacked = unpack(folder_ / "1.tar.gz", folder_ / "nowhere");
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, Code::not_found);
  EXPECT_FALSE(fs::exists(folder_ / "nowhere"));
}

}  // namespace
}  // namespace berth::packages
