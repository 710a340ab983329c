// SPDX-License-Identifier: Apache-2.0
// Files that are no plugins, each with what is said of it; docs/troubleshooting.md says the same.
#include <elf.h>
#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "berth/abi.h"
#include "elf/preflight.h"
#include "support/temp_folder.h"

namespace berth::elf {
namespace {

using testing::HasSubstr;

std::filesystem::path built(const std::string& name) { return std::filesystem::path(BERTH_ELF_DIR) / (name + ".so"); }

// The good one with some bytes put in another's place.
std::string patched(std::size_t at, const std::string& bytes) {
  auto content = test::read_file(built("good"));
  return content.replace(at, bytes.size(), bytes);
}

std::string renamed(std::string content, const std::string& from, const std::string& to) {
  for (auto at = content.find(from); at != std::string::npos; at = content.find(from, at)) {
    content.replace(at, from.size(), to);
  }
  return content;
}

struct Case {
  std::string name;
  std::function<std::filesystem::path(const test::TempFolder&)> file;
  std::vector<std::string> said;  // each a part of one problem, in their order; no others
};

Case of_built(const std::string& name, std::vector<std::string> said) {
  return {name, [name](const auto&) { return built(name); }, std::move(said)};
}
Case of_bytes(const std::string& name, const std::string& bytes, const std::string& said) {
  return {name, [bytes](const auto& folder) { return folder.write("plugin.so", bytes); }, {said}};
}
Case of_path(const std::string& name, const std::filesystem::path& path, const std::string& said) {
  return {name, [path](const auto&) { return path; }, {said}};
}

constexpr const char* kNotFound =
    "it needs libabsent.so.3, which is not found; install it, put it beside the plugin and link that with "
    "-Wl,-rpath,'$ORIGIN', or name its folder in LD_LIBRARY_PATH of the server";
constexpr const char* kNoEntry =
    "it exports no berth_plugin_entry; end one source file with BERTH_EXPORT_MODEL and build it with berth_add_plugin";
constexpr const char* kNoMethod =
    "it uses what nothing defines: berth::BaseModel::predict_data(berth::Args const&); no library has that: a method "
    "that the plugin declares is defined nowhere; write its body, or add its source file to berth_add_plugin";
constexpr const char* kCut = "the file is cut short; copy it again";
constexpr const char* kScript =
    "it is a linker script, a text that names libraries; put the library here that it names";
constexpr const char* kProgram = "it is a program, not a shared library; link it with -shared (berth_add_plugin does)";

std::vector<Case> files_of_another_kind() {
  const auto good = test::read_file(built("good"));
  return {
      of_path("absent", "/nowhere/plugin.so", "there is no such file"),
      of_path("folder", "/tmp", "it is a folder; name the .so in it"),
      of_bytes("empty", "", "the file is empty; build the plugin again"),
      of_bytes("text", "hello\n", "it is not a library (no ELF file); put the .so that the build made here"),
      of_bytes("script", "/* GNU ld script */\nINPUT(libc.so.6)\n", kScript),
      of_bytes("short_script", "INPUT(libtorch.so)", kScript),
      of_bytes("lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
               "it is a pointer of Git LFS, not the file itself; fetch it with git lfs pull"),
      of_path("archive", BERTH_ELF_ARCHIVE,
              "it is a static archive (.a), not a shared library; link it into one (berth_add_plugin does)"),
      of_path("object", BERTH_ELF_OBJECT, "it is an object file; link it as a shared library (berth_add_plugin)"),
      of_path("program", BERTH_WORKER, kProgram),
      of_path("fixed_program", std::filesystem::path(BERTH_ELF_DIR) / "elf_program", kProgram),
      of_bytes("cut_in_header", good.substr(0, 40), kCut),
      of_bytes("cut_in_half", good.substr(0, good.size() / 2), kCut),
      of_bytes("cut_at_end", good.substr(0, good.size() - 1), kCut),
      of_bytes("big_endian", patched(EI_DATA, {ELFDATA2MSB}),
               "it was built for another machine (big-endian); build it"),
      of_bytes("of_32_bits", patched(EI_CLASS, {ELFCLASS32}), "it was built for another machine (32-bit: "),
      of_bytes("riscv", patched(offsetof(Elf64_Ehdr, e_machine), {static_cast<char>(EM_RISCV), 0}),
               "it was built for another machine (RISC-V, ELF machine 243); build it for "),
  };
}

std::vector<Case> libraries_that_cannot_be_linked() {
  const auto echo = test::read_file(std::string(BERTH_FAKES_DIR) + "/echo.so");
  return {
      of_built("no_entry", {kNoEntry}),
      of_built("entry_is_function", {"berth_plugin_entry is not data; use BERTH_EXPORT_MODEL"}),
      of_built("entry_is_not_constant",
               {"berth_plugin_entry is not a constant, so its ABI version cannot be read; use BERTH_EXPORT_MODEL"}),
      of_path("too_new_abi", std::string(BERTH_FAKES_DIR) + "/wrong_abi.so",
              "it was built with ABI version 999, this server has " + std::to_string(BERTH_ABI_VERSION) +
                  "; update the server, or build the plugin with its SDK"),
      of_built("missing_library", {kNotFound}),
      of_built("missing_further_on", {"middle.so, which it needs, needs libabsent.so.3, which is not found; "}),
      of_bytes("other_version_here", renamed(echo, "libstdc++.so.6", "libstdc++.so.5"),
               "it needs libstdc++.so.5, which is not found (this system has libstdc++.so.6); build the plugin on this "
               "system"),
      of_built("glibc_too_new", {"it needs GLIBC_2.99 of libc.so.6, newer than the GLIBC_2."}),
      of_built("glibc_too_new", {"; build it on this system or an older one"}),
      of_built("libstdcxx_too_new", {"it needs CXXABI_1.3.99 of libstdc++.so.6, newer than the CXXABI_1.3.",
                                     "it needs GLIBCXX_3.4.99 of libstdc++.so.6, newer than the GLIBCXX_3.4."}),
      of_built("undefined_berth", {kNoMethod}),
      of_built("undefined_opencv",
               {"it uses what nothing defines: cv::resize(cv::_InputArray const&, cv::_OutputArray const&, "
                "cv::Size_<int>, double, double, int); libopencv_imgproc usually has that: find_package(OpenCV "
                "REQUIRED), then target_link_libraries(<plugin> PRIVATE ${OpenCV_LIBS})"}),
      of_built("undefined_torch", {"libc10 usually has that: find_package(Torch REQUIRED), then "
                                   "target_link_libraries(<plugin> PRIVATE ${TORCH_LIBRARIES})"}),
      of_built("undefined_boost", {"libboost_filesystem usually has that: find_package(Boost REQUIRED COMPONENTS …)"}),
      of_built("undefined_vtable",
               {"it uses what nothing defines: vtable for MyModel; a class whose first virtual method "
                "has no body: write it, or add its source file to berth_add_plugin"}),
      of_built("undefined_c",
               {"nor_this, nowhere_to_be_found; it is declared, but defined nowhere: add the source file "
                "that has it to berth_add_plugin, or link the library that has it"}),
      of_built("several", {kNoEntry, kNotFound, kNoMethod}),
  };
}

void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

class PreflightMatrix : public testing::TestWithParam<Case> {};

TEST_P(PreflightMatrix, SaysAllThatIsWrongWithTheAdviceThatFixesIt) {
  const test::TempFolder folder;
  const auto& said = GetParam().said;
  const auto problems = find_problems(GetParam().file(folder), BERTH_WORKER);
  ASSERT_EQ(problems.size(), said.size()) << testing::PrintToString(problems);
  for (std::size_t i = 0; i < said.size(); ++i) EXPECT_THAT(problems[i], HasSubstr(said[i]));
}

INSTANTIATE_TEST_SUITE_P(Kinds, PreflightMatrix, testing::ValuesIn(files_of_another_kind()));
INSTANTIATE_TEST_SUITE_P(Links, PreflightMatrix, testing::ValuesIn(libraries_that_cannot_be_linked()));

TEST(PreflightMatrixDocument, SaysTheSame) {
  const auto document = test::read_file(BERTH_DOCUMENT);
  auto cases = files_of_another_kind();
  for (auto& more : libraries_that_cannot_be_linked()) cases.push_back(std::move(more));
  for (const auto& tested : cases) {
    for (const auto& said : tested.said) EXPECT_THAT(document, HasSubstr(said)) << tested.name;
  }
}

TEST(PreflightMatrixMessage, NumbersSeveralProblemsInOneLine) {
  const auto fit = preflight(built("several"), BERTH_WORKER);
  ASSERT_FALSE(fit);
  EXPECT_EQ(fit.error().code, Code::invalid_argument);
  EXPECT_EQ(fit.error().message, std::string("3 things are wrong with it: (1) ")
                                     .append(kNoEntry)
                                     .append(" (2) ")
                                     .append(kNotFound)
                                     .append(" (3) ")
                                     .append(kNoMethod));
}

}  // namespace
}  // namespace berth::elf
