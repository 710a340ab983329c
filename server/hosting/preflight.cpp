// SPDX-License-Identifier: Apache-2.0
// Reads a library's ELF without running a line of it.
#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "berth/abi.h"
#include "hosting/library.h"

namespace berth::hosting {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
constexpr std::string_view kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
constexpr std::string_view kMachineName = "aarch64";
#else
#error "name this machine's ELF number"
#endif

tl::unexpected<Error> refused(std::string message) { return failure(Code::invalid_argument, std::move(message)); }

// A file, read here and there; nothing in it is believed. Not mapped: it may be cut while it is read.
class Image {
 public:
  Image(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}

  template <typename T>
  std::optional<T> at(std::uint64_t offset) const {
    T value;
    if (!holds(offset, sizeof(T)) ||
        ::pread(fd_.get(), &value, sizeof(T), static_cast<off_t>(offset)) != static_cast<ssize_t>(sizeof(T))) {
      return std::nullopt;
    }
    return value;
  }
  bool holds(std::uint64_t offset, std::uint64_t size) const { return offset <= size_ && size <= size_ - offset; }
  bool empty() const { return size_ == 0; }

 private:
  UniqueFd fd_;
  std::uint64_t size_;
};

Result<Image> load(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return refused(std::string("it cannot be read: ") + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return refused("it is not a file");
  return Image(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

Result<Elf64_Ehdr> check_header(const Image& image) {
  if (image.empty()) return refused("the file is empty; build the plugin again");
  const auto magic = image.at<std::array<unsigned char, SELFMAG>>(0);
  if (!magic || std::memcmp(magic->data(), ELFMAG, SELFMAG) != 0) {
    return refused("it is not a library (no ELF file); put the .so that the build made here");
  }
  const auto header = image.at<Elf64_Ehdr>(0);
  if (!header) return refused("the file is cut short; copy it again");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
      header->e_machine != kMachine) {
    return refused("it was built for another machine (ELF machine " + std::to_string(header->e_machine) +
                   "); build it for " + std::string(kMachineName));
  }
  if (header->e_type == ET_REL) return refused("it is an object file; link it as a shared library (-shared)");
  if (header->e_type != ET_DYN) return refused("it is a program, not a shared library; link it with -shared");
  if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_shentsize != sizeof(Elf64_Shdr)) {
    return refused("its ELF headers make no sense; build the plugin again");
  }
  return *header;
}

bool is_whole(const Image& image, const Elf64_Ehdr& header) {
  const std::uint64_t tables[2] = {header.e_phoff + std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr),
                                   header.e_shoff + std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr)};
  if (!image.holds(tables[0], 0) || !image.holds(tables[1], 0)) return false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = image.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment || (segment->p_type == PT_LOAD && !image.holds(segment->p_offset, segment->p_filesz))) return false;
  }
  return true;
}

// Programs that can lie anywhere in memory have the type of a library; a flag among the dynamic entries tells.
bool is_program(const Image& image, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = image.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment || segment->p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment->p_filesz; at += sizeof(Elf64_Dyn)) {
      const auto entry = image.at<Elf64_Dyn>(segment->p_offset + at);
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_PIE) != 0) return true;
    }
  }
  return false;
}

// Of real libraries, the largest have some hundred thousand.
constexpr std::uint64_t kMaxSymbols = 1'000'000;

std::optional<Elf64_Sym> find_entry(const Image& image, const Elf64_Ehdr& header) {
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

std::optional<std::uint64_t> file_offset(const Image& image, const Elf64_Ehdr& header, std::uint64_t address) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = image.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment || segment->p_type != PT_LOAD || address < segment->p_vaddr) continue;
    if (address - segment->p_vaddr < segment->p_filesz) return segment->p_offset + (address - segment->p_vaddr);
  }
  return std::nullopt;
}

Result<> check_abi(const Image& image, const Elf64_Ehdr& header) {
  const auto symbol = find_entry(image, header);
  if (!symbol) {
    return refused("it exports no " BERTH_ENTRY_SYMBOL
                   "; end one source file with BERTH_EXPORT_MODEL and build it with berth_add_plugin");
  }
  if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT)
    return refused(BERTH_ENTRY_SYMBOL " is not data; use BERTH_EXPORT_MODEL");
  const auto offset = file_offset(image, header, symbol->st_value);
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
  const auto image = load(path);
  if (!image) return failure(image.error());
  const auto header = check_header(*image);
  if (!header) return failure(header.error());
  if (!is_whole(*image, *header)) return refused("the file is cut short; copy it again");
  if (is_program(*image, *header)) return refused("it is a program, not a shared library; link it with -shared");
  return check_abi(*image, *header);
}

}  // namespace berth::hosting
