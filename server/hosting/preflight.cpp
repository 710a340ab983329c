// SPDX-License-Identifier: Apache-2.0
// Reads a library's ELF without running a line of it.
#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "berth/abi.h"
#include "hosting/elf_image.h"
#include "hosting/library.h"

namespace berth::hosting {
namespace {

tl::unexpected<Error> refused(std::string message) { return failure(Code::invalid_argument, std::move(message)); }

// Of real libraries, the largest have some hundred thousand.
constexpr std::uint64_t kMaxSymbols = 1'000'000;

std::optional<Elf64_Sym> find_entry(const ElfImage& image) {
  const auto& header = image.header();
  std::uint64_t looked_at = 0;  // many sections may claim the same bytes
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto section = image.at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
    if (!section || section->sh_type != SHT_DYNSYM || section->sh_link >= header.e_shnum) continue;
    const auto strings = image.at<Elf64_Shdr>(header.e_shoff + section->sh_link * sizeof(Elf64_Shdr));
    if (!strings || !image.holds(section->sh_offset, section->sh_size)) continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section->sh_size; at += sizeof(Elf64_Sym)) {
      if (++looked_at > kMaxSymbols) return std::nullopt;
      const auto symbol = image.at<Elf64_Sym>(section->sh_offset + at);
      if (!symbol || symbol->st_shndx == SHN_UNDEF) continue;
      const auto name = image.at<std::array<char, sizeof(BERTH_ENTRY_SYMBOL)>>(strings->sh_offset + symbol->st_name);
      if (name && std::memcmp(name->data(), BERTH_ENTRY_SYMBOL, name->size()) == 0) return symbol;
    }
  }
  return std::nullopt;
}

Result<> check_abi(const ElfImage& image) {
  const auto symbol = find_entry(image);
  if (!symbol) {
    return refused("it exports no " BERTH_ENTRY_SYMBOL
                   "; end one source file with BERTH_EXPORT_MODEL and build it with berth_add_plugin");
  }
  if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT)
    return refused(BERTH_ENTRY_SYMBOL " is not data; use BERTH_EXPORT_MODEL");
  const auto offset = image.offset_of(symbol->st_value);
  const auto version = offset ? image.at<std::uint32_t>(*offset + offsetof(berth_plugin, abi_version)) : std::nullopt;
  if (!version || *version == 0) {
    return refused(BERTH_ENTRY_SYMBOL " is not a constant, so its ABI version cannot be read; use BERTH_EXPORT_MODEL");
  }
  if (*version == BERTH_ABI_VERSION) return {};
  return refused("it was built with ABI version " + std::to_string(*version) + ", this server has " +
                 std::to_string(BERTH_ABI_VERSION) +
                 (*version > BERTH_ABI_VERSION ? "; update the server, or build the plugin with its SDK"
                                               : "; build the plugin again with this server's SDK"));
}

}  // namespace

Result<> preflight(const std::filesystem::path& path) {
  const auto image = ElfImage::open(path);
  if (!image) return failure(image.error());
  if (image->is_program()) {
    return refused("it is a program, not a shared library; link it with -shared (berth_add_plugin does)");
  }
  return check_abi(*image);
}

}  // namespace berth::hosting
