// SPDX-License-Identifier: Apache-2.0
// Root may read everything, so it is the files' modes that are looked at.
#include "identity/secret_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "support/temp_folder.h"

namespace berth::identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SecretFiles : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text, mode_t mode = 0600) const {
    const auto file = folder_.write("secret", text);
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    return file;
  }
  static mode_t mode_of(const std::filesystem::path& file) {
    struct stat status = {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0);
    return status.st_mode & 0777U;
  }

  const test::TempFolder folder_;
};

TEST_F(SecretFiles, AreReadWithoutTheWhiteSpaceAtTheirEnds) {
  EXPECT_EQ(read_secret(write("\n\t two words \r\n")), "two words");
  EXPECT_EQ(read_secret(write("bare", 0400)), "bare");
}

TEST_F(SecretFiles, ThatOthersMayUseAreRefused) {
  for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0666U}) {
    const auto file = write("secret", mode);
    const auto refused = read_secret(file);
    ASSERT_FALSE(refused) << mode;
    EXPECT_EQ(refused.error().code, Code::forbidden);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr(file.string()), HasSubstr("chmod 600")));
    EXPECT_EQ(read_or_make_secret(file).error().code, Code::forbidden) << mode;
    EXPECT_EQ(test::read_file(file), "secret") << "it is not for us to replace it";
  }
}

TEST_F(SecretFiles, ThatAreNotThereOrHoldNothingSaySo) {
  EXPECT_EQ(read_secret(folder_ / "none").error().code, Code::not_found);
  for (const auto* nothing : {"", " \r\n\t"}) {
    const auto empty = read_secret(write(nothing));
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, Code::unavailable);
    EXPECT_THAT(empty.error().message, HasSubstr("it is empty"));
  }
  EXPECT_EQ(read_secret(write(std::string(65 * 1024, 'x'))).error().code, Code::too_large);
}

TEST_F(SecretFiles, AreWrittenForTheirOwnerAlone) {
  const auto mask = ::umask(0);
  EXPECT_TRUE(write_secret(folder_ / "new", "first"));
  EXPECT_TRUE(write_secret(write("what others could read", 0666), "second"));
  ::umask(mask);
  EXPECT_EQ(mode_of(folder_ / "new"), 0600U);
  EXPECT_EQ(test::read_file(folder_ / "new"), "first\n");
  EXPECT_EQ(mode_of(folder_ / "secret"), 0600U);
  EXPECT_EQ(read_secret(folder_ / "secret"), "second");
}

TEST_F(SecretFiles, AreMadeOnce) {
  const auto made = read_or_make_secret(folder_ / "one");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GE(made->size(), 32U);
  EXPECT_EQ(mode_of(folder_ / "one"), 0600U);
  EXPECT_EQ(read_or_make_secret(folder_ / "one").value_or(""), *made);
  EXPECT_NE(read_or_make_secret(folder_ / "other").value_or(*made), *made);
}

}  // namespace
}  // namespace berth::identity
