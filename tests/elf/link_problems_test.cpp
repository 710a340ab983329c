// SPDX-License-Identifier: Apache-2.0
#include "elf/link_problems.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <link.h>

#include <random>

#include "elf/advice.h"
#include "elf/file.h"
#include "elf/library_search.h"
#include "support/temp_folder.h"

namespace berth::elf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::filesystem::path built(const std::string& name) { return std::filesystem::path(BERTH_ELF_DIR) / (name + ".so"); }

std::vector<std::string> problems_of(const std::filesystem::path& library, std::string_view library_path = "") {
  return link_problems(library, BERTH_WORKER, library_path);
}

// Those that this program has loaded.
std::vector<std::filesystem::path> real_libraries() {
  std::vector<std::filesystem::path> libraries;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* found) {
        const std::filesystem::path path(info->dlpi_name);
        if (path.is_absolute()) static_cast<std::vector<std::filesystem::path>*>(found)->push_back(path);
        return 0;
      },
      &libraries);
  return libraries;
}

TEST(ElfLink, FindsNothingWrongWithWhatLoads) {
  auto libraries = real_libraries();
  EXPECT_GE(libraries.size(), 3U);
  for (const auto* name : {"good", "good_beside", "good_weak", "good_ifunc", "good_old_table"}) {
    libraries.push_back(built(name));
    void* handle = ::dlopen(libraries.back().c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(handle, nullptr) << ::dlerror();
    ::dlclose(handle);
  }
  for (const auto& entry : std::filesystem::directory_iterator(BERTH_FAKES_DIR)) {
    if (entry.path().extension() == ".so") libraries.push_back(entry.path());
  }
  for (const auto& library : libraries) EXPECT_THAT(problems_of(library), IsEmpty()) << library;
}

TEST(ElfLink, LooksWhereTheServersLibraryPathSays) {
  const test::TempFolder folder;
  std::filesystem::copy_file(built("elsewhere/absent"), folder / "libabsent.so.3");
  EXPECT_THAT(problems_of(built("missing_library")), testing::SizeIs(1));
  EXPECT_THAT(problems_of(built("missing_library"), folder.path().string()), IsEmpty());
}

TEST(ElfLink, SaysOfALibraryThatIsNeededWhyItDoesNotDo) {
  const test::TempFolder folder;
  folder.write("libabsent.so.3", "");
  EXPECT_THAT(problems_of(built("missing_library"), folder.path().string()),
              ElementsAre("it needs libabsent.so.3, which cannot be used: " + (folder / "libabsent.so.3").string() +
                          ": the file is empty; build the plugin again"));
}

// Linking the library once more would not help.
TEST(ElfLink, SaysWhichLibraryLacksASymbolThatItUsuallyHas) {
  const auto problems = problems_of(built("undefined_torch_linked"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0], HasSubstr("; the libc10.so that is used lacks it; build the plugin with the version at " +
                                     built("libc10").string()));
}

TEST(ElfLink, SurvivesWhateverIsInAFile) {
  const test::TempFolder folder;
  const auto whole = test::read_file(built("undefined_c"));
  std::mt19937 random(3);  // the same every time
  for (int round = 0; round < 400; ++round) {
    auto bytes = whole;
    // The tables of a file this small lie at its beginning and its end.
    for (int change = 0; change < 8; ++change) {
      bytes[random() % std::min<std::size_t>(bytes.size(), 4096)] = static_cast<char>(random());
    }
    (void)problems_of(folder.write("plugin.so", bytes));
  }
}

TEST(ElfSearch, LooksInTheOrderOfTheLoader) {
  const test::TempFolder folder;
  const LibrarySearch search("/from/environment:/second;/third", folder.write("cache", "no cache"));
  const auto files = search.candidates("libx.so.1", {"/rpath"}, {"/runpath"});
  ASSERT_GE(files.size(), 6U);
  const std::vector<std::filesystem::path> first(files.begin(), files.begin() + 5);
  EXPECT_THAT(first, ElementsAre("/rpath/libx.so.1", "/from/environment/libx.so.1", "/second/libx.so.1",
                                 "/third/libx.so.1", "/runpath/libx.so.1"));
  EXPECT_THAT(files, Contains(std::filesystem::path("/usr/lib/libx.so.1")));
  EXPECT_THAT(search.candidates("/a/libx.so.1", {"/rpath"}, {}), ElementsAre("/a/libx.so.1"));
}

TEST(ElfSearch, PutsTheFolderOfTheLibraryInThePlaceOfItsName) {
  EXPECT_THAT(expanded({"$ORIGIN/../lib", "${ORIGIN}", "/plain"}, "/a/b"),
              ElementsAre("/a/b/../lib", "/a/b", "/plain"));
}

TEST(ElfSearch, ReadsTheCacheOfTheLoader) {
  const LibrarySearch search("");
  if (!std::filesystem::exists("/etc/ld.so.cache")) GTEST_SKIP() << "this system's loader has no cache";
  EXPECT_THAT(search.other_versions("libstdc++.so.0"), Contains("libstdc++.so.6"));
  EXPECT_THAT(search.other_versions("libnobodyhasthis.so.1"), IsEmpty());
}

TEST(ElfAdvice, KnowsWhoUsuallyHasASymbol) {
  EXPECT_EQ(advice_for_symbol("_ZN2cv6imreadERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEi").library,
            "libopencv_imgcodecs");
  EXPECT_EQ(advice_for_symbol("_ZNK2at6Tensor4sizeEl").library, "libtorch_cpu");
  EXPECT_EQ(advice_for_symbol("_ZTIN5torch3jit6ModuleE").library, "libtorch_cpu");
  EXPECT_EQ(advice_for_symbol("_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE")
                .library,
            "libstdc++");
  EXPECT_EQ(advice_for_symbol("pthread_create").library, "libpthread");
  EXPECT_EQ(advice_for_symbol("dlopen").library, "libdl");
  EXPECT_EQ(advice_for_symbol("sinf").library, "libm");
  EXPECT_EQ(advice_for_symbol("_ZN3cvs4workEv").library, "");
}

TEST(ElfAdvice, SpellsOutNoNameThatGrowsBeyondBounds) {
  EXPECT_EQ(readable("_ZN2cv3MatC1Ev"), "cv::Mat::Mat()");
  EXPECT_EQ(readable("plain"), "plain");
  // Pairs of pairs of pairs: 2 to the 60th names.
  std::string bomb = "_Z1fSt4pairIiiE";
  for (int i = 0; i < 60; ++i) bomb.append("St4pairIS").append(i == 0 ? "" : std::string(1, '0')).append("_S_E");
  EXPECT_LT(readable(bomb).size(), 200U);
  EXPECT_EQ(readable("a\nb\x80"), "a?b?");
}

}  // namespace
}  // namespace berth::elf
