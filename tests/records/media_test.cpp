// SPDX-License-Identifier: Apache-2.0
// Files of requests, in the media folder.
#include "records/media.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "records/kept_records.h"

namespace berth::records {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDay = 86'400'000'000, kThen = 1'795'000'000'000'000;  // 2026-11-18

class MediaTest : public KeptRecords {
 protected:
  fs::path media() { return folder_ / "media"; }
  static std::size_t files_in(const fs::path& folder) {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) files += entry.is_regular_file() ? 1 : 0;
    return files;
  }
};
INSTANTIATE_TEST_SUITE_P(On, MediaTest, store::both_kinds(), store::name_of_kind);

TEST_P(MediaTest, KeepsTheFilesOfARequestForTheServerAlone) {
  make({.media_folder = media()});
  auto asked = request(kThen);
  ASSERT_TRUE(keep({.request = asked, .files = {Bytes(std::string("one")), Bytes(std::string("twotwo"))}}));
  const auto file = media() / "2026-11-18" / "1795000000000000-1";
  EXPECT_EQ(file, Media(media()).file_of(kThen, 1));
  EXPECT_EQ(test::read_file(file), "twotwo");
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(media().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(all()[0].request.kept_files, 2);
  EXPECT_EQ(all()[0].request.bytes, 109);
}

TEST_P(MediaTest, KeepsNoneWithoutAFolder) {
  ASSERT_TRUE(keep({.request = request(kThen), .files = {Bytes(std::string("one"))}}));
  EXPECT_EQ(all()[0].request.kept_files, 0);
}

TEST_P(MediaTest, HasNoFileOfARequestThatIsNotKept) {
  make({.media_folder = media()});
  ASSERT_TRUE(keep({.request = request(kThen)}));
  ASSERT_FALSE(keep({.request = request(kThen), .files = {Bytes(std::string("one"))}})) << "the id is taken";
  EXPECT_EQ(files_in(media()), 0U);
}

TEST_P(MediaTest, SaysWhenItCannotKeepThem) {
  folder_.write("media", "a file where the folder should be");
  make({.media_folder = media()});
  const auto kept = keep({.request = request(kThen), .files = {Bytes(std::string("one"))}});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Code::unavailable);
  EXPECT_THAT(kept.error().message, testing::HasSubstr("media"));
  EXPECT_TRUE(all().empty());
}

TEST_P(MediaTest, CostsAnAsyncRecordItsFilesAlone) {
  folder_.write("media", "a file where the folder should be");
  make({.media_folder = media()});
  ASSERT_TRUE(keep({.request = request(kThen), .files = {Bytes(std::string("one"))}}, Mode::async));
  make({});
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(all()[0].request.kept_files, 0);
}

TEST_P(MediaTest, LeavesTheOperatorsFolderAsItIs) {
  fs::create_directory(media());
  fs::permissions(media(), fs::perms::owner_all | fs::perms::group_exec);
  make({.media_folder = media()});
  ASSERT_TRUE(keep({.request = request(kThen), .files = {Bytes(std::string("one"))}}));
  EXPECT_EQ(fs::status(media()).permissions(), fs::perms::owner_all | fs::perms::group_exec);
  EXPECT_EQ(fs::status(media() / "2026-11-18").permissions(), fs::perms::owner_all);
}

TEST_P(MediaTest, LosesWhatIsOfAUserWhoseRecordsAreRemoved) {
  make({.media_folder = media()});
  ASSERT_TRUE(keep({.request = request(kThen, 1), .files = {Bytes(std::string("one"))}}));
  ASSERT_TRUE(keep({.request = request(kThen + 1, 2), .files = {Bytes(std::string("one"))}}));
  const auto removed = answer_to<std::int64_t>([&](auto done) { records_->remove_of_user(1, done); });
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, 1);
  EXPECT_FALSE(fs::exists(Media(media()).file_of(kThen, 0)));
  EXPECT_TRUE(fs::exists(Media(media()).file_of(kThen + 1, 0)));
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(all()[0].request.user_id, 2);
}

TEST(Media, RemovesWholeDaysAndNothingElse) {
  const test::TempFolder folder;
  const Media media(folder.path());
  const std::vector<Bytes> file{Bytes(std::string("x"))};
  ASSERT_TRUE(media.keep(kThen, file));
  ASSERT_TRUE(media.keep(kThen + kDay, file));
  folder.write("0000-note", "not a day's folder");
  media.remove_days_before(kThen + kDay);
  EXPECT_FALSE(fs::exists(folder / "2026-11-18"));
  EXPECT_TRUE(fs::exists(media.file_of(kThen + kDay, 0)));
  EXPECT_TRUE(fs::exists(folder / "0000-note"));
}

}  // namespace
}  // namespace berth::records
