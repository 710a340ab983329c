// SPDX-License-Identifier: Apache-2.0
#include "elf/preflight.h"

#include <cstdlib>
#include <optional>
#include <string>

#include "berth/abi.h"
#include "elf/image.h"
#include "elf/link_problems.h"
#include "elf/symbols.h"

namespace berth::elf {
namespace {

constexpr std::uint64_t kMaxSteps = 100'000;  // of the look-up of one symbol, which takes one or two

// "" = its entry is there, and of the version that the server has.
std::string entry_problem(const Image& image, std::uint32_t abi_version) {
  auto steps = kMaxSteps;
  const auto symbol = Symbols(image).find(SymbolName(BERTH_ENTRY_SYMBOL), "", steps);
  if (!symbol) {
    return "it exports no " BERTH_ENTRY_SYMBOL
           "; end one source file with BERTH_EXPORT_MODEL and build it with berth_add_plugin";
  }
  if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT) return BERTH_ENTRY_SYMBOL " is not data; use BERTH_EXPORT_MODEL";
  const auto offset = image.offset_of(symbol->st_value);
  const auto version = offset ? image.at<std::uint32_t>(*offset + offsetof(berth_plugin, abi_version)) : std::nullopt;
  if (!version || *version == 0) {
    return BERTH_ENTRY_SYMBOL " is not a constant, so its ABI version cannot be read; use BERTH_EXPORT_MODEL";
  }
  if (*version == abi_version) return "";
  return "it was built with ABI version " + std::to_string(*version) + ", this server has " +
         std::to_string(abi_version) +
         (*version > abi_version ? "; update the server, or build the plugin with its SDK"
                                 : "; build the plugin again with this server's SDK");
}

}  // namespace

std::vector<std::string> find_problems(const std::filesystem::path& library,
                                       const std::filesystem::path& worker_program) {
  return find_problems(library, worker_program, BERTH_ABI_VERSION);
}

std::vector<std::string> find_problems(const std::filesystem::path& library,
                                       const std::filesystem::path& worker_program, std::uint32_t abi_version) {
  const auto image = Image::open(library);
  if (!image) return {image.error().message};
  if (image->is_program()) {
    return {"it is a program, not a shared library; link it with -shared (berth_add_plugin does)"};
  }
  const char* library_path = std::getenv("LD_LIBRARY_PATH");  // workers inherit it
  auto problems = link_problems(library, worker_program, library_path == nullptr ? "" : library_path);
  auto entry = entry_problem(*image, abi_version);
  if (!entry.empty()) problems.insert(problems.begin(), std::move(entry));
  return problems;
}

Result<> preflight(const std::filesystem::path& library, const std::filesystem::path& worker_program) {
  const auto problems = find_problems(library, worker_program);
  if (problems.empty()) return {};
  if (problems.size() == 1) return failure(Code::invalid_argument, problems.front());
  std::string text = std::to_string(problems.size()) + " things are wrong with it:";
  for (std::size_t i = 0; i < problems.size(); ++i) {
    text.append(" (").append(std::to_string(i + 1)).append(") ").append(problems[i]);
  }
  return failure(Code::invalid_argument, std::move(text));
}

}  // namespace berth::elf
