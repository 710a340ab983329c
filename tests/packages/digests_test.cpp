// SPDX-License-Identifier: Apache-2.0
#include "packages/digests.h"

#include <gmock/gmock.h>

#include "packages/hostile_archive.h"
#include "support/temp_folder.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string quoted(const std::string& file, const std::string& digest) {
  return "{\"sha256\":{\"" + file + "\":\"" + digest + "\"}}";
}

// "" where the digests hold.
std::string problem(const test::TempFolder& folder, const std::string& config) {
  const auto document = json::parse(config);
  EXPECT_TRUE(document) << config;
  const auto checked = check_digests(folder.path(), *document);
  return checked ? "" : checked.error().message;
}

TEST(Sha256, IsTheStandardsOne) {
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const test::TempFolder folder;
  const auto file = digest_of_file(folder.write("x", std::string(1'000'000, 'a')));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->sha256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(file->size, 1'000'000U);
}

TEST(Digests, HoldWhereNothingIsNamed) {
  const test::TempFolder folder;
  EXPECT_EQ(problem(folder, "{}"), "");
  EXPECT_EQ(problem(folder, R"({"sha256":null})"), "");
  EXPECT_EQ(problem(folder, R"({"sha256":{}})"), "");
}

TEST(Digests, OfModelYamlAreComparedInAnyCase) {
  const test::TempFolder folder;
  folder.write("sub/w.pt", "abc");
  auto digest = sha256_of("abc");
  EXPECT_EQ(problem(folder, quoted("sub/w.pt", digest)), "");
  digest[0] = 'B';
  EXPECT_EQ(problem(folder, quoted("sub/w.pt", digest)), "");
}

TEST(Digests, ThatDifferNameTheFileAndBothDigests) {
  const test::TempFolder folder;
  folder.write("w.pt", "abd");
  EXPECT_THAT(problem(folder, quoted("w.pt", sha256_of("abc"))),
              AllOf(HasSubstr("\"w.pt\" is not the file that model.yaml names"),
                    HasSubstr("expected sha256 " + sha256_of("abc")), HasSubstr("found " + sha256_of("abd"))));
}

TEST(Digests, OfWhatIsNotThereOrNoFileAreRefused) {
  const test::TempFolder folder;
  fs::create_directory(folder / "d");
  const auto digest = sha256_of("");
  EXPECT_THAT(problem(folder, quoted("w.pt", digest)), HasSubstr("\"w.pt\": there is no such file"));
  EXPECT_THAT(problem(folder, quoted("d", digest)), HasSubstr("\"d\": it is no file"));
}

TEST(Digests, OfFilesElsewhereAreRefused) {
  const test::TempFolder folder;
  const test::TempFolder outside;
  const auto digest = sha256_of("x");
  outside.write("x", "x");
  fs::create_symlink(outside / "x", folder / "link");
  fs::create_directory_symlink(outside.path(), folder / "dir");
  folder.write("..x", "x");
  fs::create_symlink("..x", folder / "inner");
  EXPECT_THAT(problem(folder, quoted((outside / "x").string(), digest)), HasSubstr("absolute"));
  EXPECT_THAT(problem(folder, quoted("../x", digest)), HasSubstr("a part \"..\""));
  EXPECT_THAT(problem(folder, quoted("link", digest)), HasSubstr("\"link\": it lies outside of the package"));
  EXPECT_THAT(problem(folder, quoted("dir/x", digest)), HasSubstr("\"dir/x\": it lies outside of the package"));
  EXPECT_EQ(problem(folder, quoted("..x", digest)), "");
  EXPECT_EQ(problem(folder, quoted("inner", digest)), "");
}

TEST(Digests, ThatAreNoneAreRefused) {
  const test::TempFolder folder;
  folder.write("w", "x");
  for (const auto* config : {R"({"sha256":"abc"})", R"({"sha256":["w"]})", R"({"sha256":{"w":5}})",
                             R"({"sha256":{"w":""}})", R"({"sha256":{"w":"abc"}})"}) {
    EXPECT_THAT(problem(folder, config), HasSubstr("model.yaml: `sha256` must be a mapping")) << config;
  }
  EXPECT_THAT(problem(folder, quoted("w", std::string(64, 'g'))), HasSubstr("64 hexadecimal digits"));
}

TEST(Digests, OfTheManifestAreComparedToo) {
  const test::TempFolder folder;
  folder.write("model.yaml", kConfig);
  folder.write("w", "right");
  folder.write("notes.txt", "that no manifest lists");
  folder.write(kManifestName, to_json(manifest_of({packed("w", "right")})));
  EXPECT_EQ(problem(folder, "{}"), "");
  folder.write("w", "wrong");
  EXPECT_THAT(problem(folder, "{}"), HasSubstr("\"w\" is not the file that berth-manifest.json names"));
  fs::remove(folder / "w");
  EXPECT_THAT(problem(folder, "{}"), HasSubstr("\"w\": there is no such file"));
  folder.write(kManifestName, "{}");
  EXPECT_THAT(problem(folder, "{}"), HasSubstr("berth-manifest.json: it is no manifest"));
  fs::remove(folder / kManifestName);
  fs::create_symlink("/dev/zero", folder / kManifestName);
  EXPECT_THAT(problem(folder, "{}"), HasSubstr("berth-manifest.json: it is no file"));
}

}  // namespace
}  // namespace berth::packages
