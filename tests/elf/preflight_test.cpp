// SPDX-License-Identifier: Apache-2.0
// What preflight_matrix_test.cpp's list of files does not hold: whole families of broken ones.
#include <elf.h>
#include <gmock/gmock.h>

#include <cstddef>
#include <cstring>

#include "berth/abi.h"
#include "elf/preflight.h"
#include "support/temp_folder.h"

namespace berth::elf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string echo() { return test::read_file(std::string(BERTH_FAKES_DIR) + "/echo.so"); }

std::string refusal(const std::string& bytes) {
  const test::TempFolder folder;
  const auto fit = preflight(folder.write("plugin.so", bytes), BERTH_WORKER);
  if (fit) return "fit";
  EXPECT_EQ(fit.error().code, Code::invalid_argument);
  return fit.error().message;
}

TEST(Preflight, PassesAPlugin) { EXPECT_EQ(refusal(echo()), "fit"); }

TEST(Preflight, TellsAPluginOfAnOlderAbiFromOneOfANewer) {
  const auto problems_for = [](std::uint32_t abi_version) {
    return find_problems(std::string(BERTH_FAKES_DIR) + "/echo.so", BERTH_WORKER, abi_version);
  };
  constexpr std::uint32_t kItsOwn = BERTH_ABI_VERSION;
  const auto built = "it was built with ABI version " + std::to_string(kItsOwn) + ", this server has ";
  EXPECT_THAT(problems_for(kItsOwn), ElementsAre());
  EXPECT_THAT(problems_for(kItsOwn + 1),
              ElementsAre(built + std::to_string(kItsOwn + 1) + "; build the plugin again with this server's SDK"));
  EXPECT_THAT(problems_for(kItsOwn - 1), ElementsAre(built + std::to_string(kItsOwn - 1) +
                                                     "; update the server, or build the plugin with its SDK"));
}

TEST(Preflight, TellsAnElfFileByItsFirstFourBytes) {
  EXPECT_THAT(refusal("\x7f"
                      "EL"),
              HasSubstr("not a library"));
  EXPECT_THAT(refusal("\x7f"
                      "ELF"),
              HasSubstr("cut short"));
}

TEST(Preflight, SaysWhichMachineItWasBuiltFor) {
  auto bytes = echo();
  bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_PPC64);
  EXPECT_THAT(refusal(bytes), HasSubstr("another machine (PowerPC 64, ELF machine 21)"));
}

TEST(Preflight, RefusesWhatIsCutWhereverItIsCut) {
  const auto whole = echo();
  for (std::size_t size = 4; size < whole.size(); size += whole.size() / 97 + 1) {
    EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("cut short")) << size;
  }
}

// Any byte of the headers may be anything: no answer is wrong, as long as there is one.
TEST(Preflight, SurvivesBrokenHeaders) {
  const auto whole = echo();
  const test::TempFolder folder;
  Elf64_Ehdr header;
  std::memcpy(&header, whole.data(), sizeof(header));
  const auto tables = {std::pair<std::size_t, std::size_t>{0, sizeof(header)},
                       {header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)},
                       {header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)}};
  for (const auto& [start, size] : tables) {
    for (std::size_t at = start; at < start + size; at += 13) {
      auto bytes = whole;
      bytes[at] = static_cast<char>(~bytes[at]);
      (void)preflight(folder.write("plugin.so", bytes), BERTH_WORKER);
    }
  }
}

}  // namespace
}  // namespace berth::elf
