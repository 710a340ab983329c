// SPDX-License-Identifier: Apache-2.0
// Archives that somebody made to do harm, or that were harmed: each is refused by name and leaves nothing behind.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "packages/hostile_archive.h"
#include "packages/unpack.h"
#include "support/temp_folder.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class HostileArchives : public testing::Test {
 protected:
  HostileArchives() {
    fs::create_directories(models());
    folder_.write("models/other/1/model.yaml", "plugin: p\n");
  }

  fs::path models() const { return folder_ / "models"; }
  fs::path file() const { return folder_ / "x.berth.tar.gz"; }

  // Everything in the test's folder but the archive.
  std::vector<std::string> seen() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (entry.path() != file()) paths.push_back(entry.path().string());
    }
    std::ranges::sort(paths);
    return paths;
  }

  // The message, after checking that nothing was written; "unpacked" where it was taken.
  std::string refusal(const UnpackLimits& limits = {}, Code code = Code::invalid_argument) {
    const auto before = seen();
    const auto unpacked = unpack(file(), models(), limits);
    if (unpacked) return "unpacked";
    EXPECT_EQ(unpacked.error().code, code) << unpacked.error().message;
    EXPECT_EQ(seen(), before);
    EXPECT_THAT(unpacked.error().message, HasSubstr("x.berth.tar.gz: "));
    return unpacked.error().message;
  }

  // Of an archive whose manifest is as it should be, and that has one entry more.
  std::string refusal_of_entry(const std::string& path, const HostileArchive::Change& change = {},
                               std::string_view content = "evil") {
    {
      HostileArchive archive(file());
      archive.begin(manifest_of({}));
      archive.add(path, content, change);
    }
    return refusal();
  }

  // Of an archive whose manifest lists `path`, too.
  std::string refusal_of_listed(const std::string& path) {
    {
      HostileArchive archive(file());
      archive.begin(manifest_of({packed(path, "evil")}));
      archive.add(path, "evil");
    }
    return refusal();
  }

  test::TempFolder folder_;
};

TEST_F(HostileArchives, MadeProperlyByTheTestAreTaken) {
  {
    HostileArchive archive(file());
    archive.begin(manifest_of({packed("sub/weights.bin", "w")}));
    archive.add("sub/weights.bin", "w");
  }
  EXPECT_EQ(refusal(), "unpacked");
  EXPECT_EQ(test::read_file(models() / "m/1/sub/weights.bin"), "w");
}

TEST_F(HostileArchives, WithPathsThatLeadElsewhereAreRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"/etc/evil", "its path is absolute"},       {"//evil", "its path is absolute"},
      {"../evil", "its path has a part \"..\""},   {"a/../../evil", "its path has a part \"..\""},
      {"a/..", "its path has a part \"..\""},      {"./evil", "its path has a part \".\""},
      {"a//b", "its path has an empty part"},      {"a\nb", "its path has a control character"},
      {"a\x1b[2Jb", "its path has a control"},     {"\xff\xfe", "its path is not UTF-8"},
      {"a/\xc0\xae\xc0\xae/b", "is not UTF-8"},    {std::string(256, 'a'), "a part of more than 255 bytes"},
      {std::string(1100, 'a'), "longer than 1024"}};
  for (const auto& [path, why] : cases) {
    EXPECT_THAT(refusal_of_entry(path), AllOf(HasSubstr("entry \""), HasSubstr(why))) << path;
    EXPECT_THAT(refusal_of_listed(path),
                AllOf(HasSubstr(std::string(kManifestName) + ": "), testing::Not(HasSubstr("\n"))))
        << path;
  }
  EXPECT_FALSE(fs::exists("/etc/evil"));
}

TEST_F(HostileArchives, WithLinksAreRefused) {
  const auto to = [](const char* target, bool hard) {
    return [target, hard](archive_entry* entry) {
      archive_entry_set_size(entry, 0);
      if (hard) return archive_entry_copy_hardlink(entry, target);
      archive_entry_set_filetype(entry, AE_IFLNK);
      archive_entry_copy_symlink(entry, target);
    };
  };
  for (const auto* target : {"/etc/passwd", "../../other/1/model.yaml", "model.yaml", ""}) {
    EXPECT_THAT(refusal_of_entry("link", to(target, false), ""), HasSubstr("entry \"link\": it is a symbolic link"));
  }
  for (const auto* target : {"/etc/passwd", "../../other/1/model.yaml", "model.yaml"}) {
    EXPECT_THAT(refusal_of_entry("link", to(target, true), ""), HasSubstr("entry \"link\": it is a hard link"));
  }
}

TEST_F(HostileArchives, WithDevicesPipesAndFoldersAreRefused) {
  const auto type = [](unsigned kind) {
    return [kind](archive_entry* entry) {
      archive_entry_set_filetype(entry, kind);
      archive_entry_set_size(entry, 0);
    };
  };
  for (const auto kind : {AE_IFCHR, AE_IFBLK, AE_IFIFO}) {
    EXPECT_THAT(refusal_of_entry("thing", type(kind), ""), HasSubstr("entry \"thing\": it is a device, pipe"));
  }
  EXPECT_THAT(refusal_of_entry("thing", type(AE_IFDIR), ""), HasSubstr("entry \"thing"));
}

TEST_F(HostileArchives, WithALinkInPlaceOfAListedFileAreRefused) {
  {
    HostileArchive archive(file());
    archive.begin(manifest_of({packed("weights.bin", "")}));
    archive.add("weights.bin", "", [](archive_entry* entry) {
      archive_entry_set_filetype(entry, AE_IFLNK);
      archive_entry_copy_symlink(entry, "/etc/passwd");
    });
  }
  EXPECT_THAT(refusal(), HasSubstr("entry \"weights.bin\": it is a symbolic link"));
}

TEST_F(HostileArchives, WithOtherEntriesThanTheirManifestAreRefused) {
  EXPECT_THAT(refusal_of_entry("extra.txt"), HasSubstr("entry \"extra.txt\": its manifest does not list it"));
  EXPECT_THAT(refusal_of_entry("model.yaml", {}, kConfig), HasSubstr("entry \"model.yaml\": it is there twice"));
  EXPECT_THAT(refusal_of_entry(std::string(kManifestName)), HasSubstr("does not list it"));
  HostileArchive(file()).begin(manifest_of({packed("weights.bin", "w")}));
  EXPECT_THAT(refusal(), HasSubstr("entry \"weights.bin\": its manifest lists it, but it is missing"));
}

TEST_F(HostileArchives, WithOtherContentThanTheirManifestAreRefused) {
  const std::pair<std::string, std::string> cases[] = {{"wrong", "entry \"w\": its sha256 is " + sha256_of("wrong")},
                                                       {"longer", "entry \"w\": it is larger than the 5"},
                                                       {"less", "entry \"w\": it is smaller than the 5"},
                                                       {"", "entry \"w\": it is smaller than the 5"}};
  for (const auto& [content, why] : cases) {
    {
      HostileArchive archive(file());
      archive.begin(manifest_of({packed("w", "right")}));
      archive.add("w", content);
    }
    EXPECT_THAT(refusal(), HasSubstr(why));
  }
}

TEST_F(HostileArchives, WithABadManifestAreRefused) {
  const auto with = [this](const std::function<void(Manifest&)>& change) {
    auto manifest = manifest_of({});
    change(manifest);
    HostileArchive(file()).begin(manifest);
    return refusal();
  };
  for (const auto* name : {"", "..", ".", ".hidden", "a/b", "../../evil", "A"}) {
    EXPECT_THAT(with([&](Manifest& it) { it.name = name; }), HasSubstr("its name \"")) << name;
    EXPECT_THAT(with([&](Manifest& it) { it.version = name; }), HasSubstr("its version \"")) << name;
  }
  EXPECT_THAT(with([](Manifest& it) { it.version = "one"; }), HasSubstr("its version \"one\" is none"));
  EXPECT_THAT(with([](Manifest& it) { it.plugin = "/x.so"; }), HasSubstr("its plugin \"/x.so\""));
  EXPECT_THAT(with([](Manifest& it) { it.files.clear(); }), HasSubstr("it lists no model.yaml"));
  EXPECT_THAT(with([](Manifest& it) { it.files.push_back(it.files[0]); }), HasSubstr("\"model.yaml\" is listed twice"));
  EXPECT_THAT(with([](Manifest& it) { it.files.push_back(packed("model.yaml/x", "")); }), HasSubstr("listed twice"));
  EXPECT_THAT(with([](Manifest& it) { it.files.push_back(packed(std::string(kManifestName), "")); }),
              HasSubstr("it lists itself"));
  EXPECT_THAT(with([](Manifest& it) { it.files[0].sha256 = "00"; }), HasSubstr("needs a `size` and a `sha256`"));
}

TEST_F(HostileArchives, WithoutAManifestInFrontAreRefused) {
  HostileArchive(file()).add("model.yaml", kConfig);
  EXPECT_THAT(refusal(), HasSubstr("the first entry must be berth-manifest.json"));
  const std::string texts[] = {"", "{", "[]", "{}", R"({"format":2})", std::string(100'000, '[')};
  for (const auto& text : texts) {
    HostileArchive(file()).add(std::string(kManifestName), text);
    EXPECT_THAT(refusal(), HasSubstr("berth-manifest.json: ")) << text.substr(0, 20);
  }
  HostileArchive(file()).add(std::string(kManifestName), std::string((16UL << 20) + 1, ' '));
  EXPECT_THAT(refusal(), HasSubstr("larger than 16 MiB"));
  { const HostileArchive empty(file()); }
  EXPECT_THAT(refusal(), HasSubstr("it is empty"));
}

TEST_F(HostileArchives, ThatAreBombsAreRefusedBeforeTheyAreWritten) {
  const std::string zeros(4UL << 20, '\0');
  {
    HostileArchive archive(file());
    archive.begin(manifest_of({packed("a", zeros), packed("b", zeros)}));
    archive.add("a", zeros);
    archive.add("b", zeros);
  }
  EXPECT_THAT(refusal({}, Code::too_large), HasSubstr("times as large as it is, more than the 200"));
  UnpackLimits limits;
  limits.max_ratio = 2000;
  limits.max_file_bytes = 1000;
  EXPECT_THAT(refusal(limits, Code::too_large), HasSubstr("entry \"a\" has 4194304 bytes, more than the 1000"));
  limits.max_file_bytes = 5UL << 20;
  limits.max_total_bytes = 6UL << 20;
  EXPECT_THAT(refusal(limits, Code::too_large), AllOf(HasSubstr("larger together"), HasSubstr("entry \"b\"")));
  limits.max_total_bytes = 9UL << 20;
  limits.max_files = 2;
  EXPECT_THAT(refusal(limits, Code::too_large), HasSubstr("it has 3 files, more than the 2"));
  limits.max_files = 3;
  EXPECT_EQ(refusal(limits), "unpacked");
}

TEST_F(HostileArchives, ThatHoldMoreThanTheyDeclareAreRefusedAtTheFirstByteTooMuch) {
  const std::string zeros(64UL << 20, '\0');
  {
    HostileArchive archive(file());
    archive.begin(manifest_of({packed("a", "x")}));
    archive.add("a", zeros);
  }
  EXPECT_THAT(refusal(), HasSubstr("entry \"a\": it is larger than the 1 bytes"));
}

// A tar that says "terabytes of nothing" in a few bytes.
TEST_F(HostileArchives, WithHugeHolesAreRefused) {
  const auto hole = [](archive_entry* entry) {
    archive_entry_set_size(entry, la_int64_t{1} << 40);
    archive_entry_sparse_add_entry(entry, 0, 4);
  };
  {
    HostileArchive archive(file());
    auto manifest = manifest_of({packed("a", "evil")});
    archive.begin(manifest);
    archive.add("a", "evil", hole);
  }
  EXPECT_THAT(refusal(), HasSubstr("entry \"a\": it is larger than the 4 bytes"));
  {
    HostileArchive archive(file());
    auto manifest = manifest_of({packed("a", "evil")});
    manifest.files.back().size = std::uint64_t{1} << 40;
    archive.begin(manifest);
    archive.add("a", "evil", hole);
  }
  EXPECT_THAT(refusal({}, Code::too_large), HasSubstr("entry \"a\" has 1099511627776 bytes"));
}

TEST_F(HostileArchives, ThatArePackedTwiceAreRefused) {
  {
    HostileArchive archive(file(), 2);
    archive.begin(manifest_of({}));
  }
  EXPECT_THAT(refusal(), HasSubstr("packed more than once"));
}

TEST_F(HostileArchives, CutShortAnywhereAreRefused) {
  std::string noise;
  for (unsigned i = 0, x = 1; i < 20'000; ++i) noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  {
    HostileArchive archive(file());
    archive.begin(manifest_of({packed("a", noise)}));
    archive.add("a", noise);
  }
  const auto whole = test::read_file(file());
  ASSERT_GT(whole.size(), 20'000U);
  // The last bytes are padding and a checksum: every file is there, with its digest, before them.
  for (std::size_t size = 0; size < whole.size() - 64; size += 97) {
    folder_.write("x.berth.tar.gz", whole.substr(0, size));
    EXPECT_NE(refusal(), "unpacked") << size;
  }
}

TEST_F(HostileArchives, WithAnyDamagedByteAreRefusedOrWhole) {
  {
    HostileArchive archive(file());
    archive.begin(manifest_of({packed("a", "0123456789")}));
    archive.add("a", "0123456789");
  }
  const auto whole = test::read_file(file());
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    folder_.write("x.berth.tar.gz", damaged);
    if (refusal() != "unpacked") {
      ++refused;
      continue;
    }
    ASSERT_EQ(test::read_file(models() / "m/1/a"), "0123456789");
    ASSERT_EQ(test::read_file(models() / "m/1/model.yaml"), kConfig);
    fs::remove_all(models() / "m");
  }
  EXPECT_GT(refused, static_cast<int>(whole.size() / 2));
}

TEST_F(HostileArchives, ThatAreNoneAreRefused) {
  for (const auto* content : {"", "x", "PK\x03\x04 a zip", "\x1f\x8b\x08", "plain text that is no archive at all\n"}) {
    folder_.write("x.berth.tar.gz", content);
    EXPECT_NE(refusal(), "unpacked") << content;
  }
  fs::remove(file());
  fs::create_directory(file());
  EXPECT_THAT(refusal(), HasSubstr("it is no archive"));
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("it is no archive"));
  fs::remove(file());
  EXPECT_THAT(refusal({}, Code::not_found), HasSubstr("No such file"));
}

}  // namespace
}  // namespace berth::packages
