// SPDX-License-Identifier: Apache-2.0
#include "elf/image.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace berth::elf {
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

// Real files have about a dozen segments, and as many dynamic entries as libraries that they need and thirty more.
constexpr std::size_t kMaxSegments = 256;
constexpr std::size_t kMaxDynamic = 4096;

tl::unexpected<Error> refused(std::string message) { return failure(Code::invalid_argument, std::move(message)); }

tl::unexpected<Error> cut_short() { return refused("the file is cut short; copy it again"); }

struct Kind {
  std::string_view begins_with;
  std::string_view what;
};

// What is put in the place of a library by mistake, by its first bytes.
constexpr std::array kKinds{
    Kind{"!<arch>\n", "it is a static archive (.a), not a shared library; link it into one (berth_add_plugin does)"},
    Kind{"!<thin>\n", "it is a static archive (.a), not a shared library; link it into one (berth_add_plugin does)"},
    Kind{"/* GNU ld script", "it is a linker script, a text that names libraries; put the library here that it names"},
    Kind{"INPUT", "it is a linker script, a text that names libraries; put the library here that it names"},
    Kind{"GROUP", "it is a linker script, a text that names libraries; put the library here that it names"},
    Kind{"version https://git-lfs", "it is a pointer of Git LFS, not the file itself; fetch it with git lfs pull"},
    Kind{"MZ", "it was built for Windows; build it on Linux"},
    Kind{"\xcf\xfa\xed\xfe", "it was built for macOS; build it on Linux"},
    Kind{"\xca\xfe\xba\xbe", "it was built for macOS; build it on Linux"},
    Kind{"PK\x03\x04", "it is a zip archive; unpack it, and put the .so here"},
    Kind{"\x1f\x8b", "it is compressed (gzip); unpack it, and put the .so here"},
};

std::string machine_name(Elf64_Half machine) {
  constexpr std::array<std::pair<Elf64_Half, std::string_view>, 9> kNames{{{EM_X86_64, "x86-64"},
                                                                           {EM_386, "32-bit x86"},
                                                                           {EM_AARCH64, "aarch64"},
                                                                           {EM_ARM, "32-bit ARM"},
                                                                           {EM_RISCV, "RISC-V"},
                                                                           {EM_PPC64, "PowerPC 64"},
                                                                           {EM_S390, "s390"},
                                                                           {EM_CUDA, "a CUDA device"},
                                                                           {EM_BPF, "BPF"}}};
  const auto* const found = std::ranges::find(kNames, machine, &std::pair<Elf64_Half, std::string_view>::first);
  std::string number = "ELF machine " + std::to_string(machine);
  return found == kNames.end() ? number : std::string(found->second).append(", ").append(number);
}

Result<> check_kind(const Elf64_Ehdr& header) {
  const auto machine_fits = header.e_machine == kMachine;
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return refused("it was built for another machine (big-endian); build it for " + std::string(kMachineName));
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || !machine_fits) {
    const auto* bits = header.e_ident[EI_CLASS] == ELFCLASS64 ? "" : "32-bit: ";
    return refused(std::string("it was built for another machine (") + bits + machine_name(header.e_machine) +
                   "); build it for " + std::string(kMachineName));
  }
  if (header.e_type == ET_REL) return refused("it is an object file; link it as a shared library (berth_add_plugin)");
  if (header.e_type == ET_CORE) return refused("it is a core dump; put the .so that the build made here");
  if ((header.e_type != ET_DYN && header.e_type != ET_EXEC) || header.e_version != EV_CURRENT ||
      header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kMaxSegments ||
      (header.e_shnum != 0 && header.e_shentsize != sizeof(Elf64_Shdr))) {
    return refused("its ELF headers make no sense; build the plugin again");
  }
  return {};
}

}  // namespace

Result<Image> Image::open(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENOENT) return refused("there is no such file");
  if (!fd && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
    return failure(Code::unavailable, std::string("it cannot be read now: ") + std::strerror(errno));
  }
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return refused(std::string("it cannot be read: ") + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return refused("it is a folder; name the .so in it");
  if (!S_ISREG(status.st_mode)) return refused("it is not a file");
  Image image(std::move(fd), static_cast<std::uint64_t>(status.st_size), {status.st_dev, status.st_ino});
  if (auto read = image.read_tables(); !read) return failure(read.error());
  return image;
}

Result<> Image::read_tables() {
  if (size_ == 0) return refused("the file is empty; build the plugin again");
  std::array<char, 32> start{};
  if (!read(0, start.data(), std::min<std::uint64_t>(start.size(), size_))) return cut_short();
  const std::string_view text(start.data(), start.size());
  if (!text.starts_with(ELFMAG)) {
    const auto* const kind =
        std::ranges::find_if(kKinds, [&](const auto& k) { return text.starts_with(k.begins_with); });
    if (kind != kKinds.end()) return refused(std::string(kind->what));
    return refused("it is not a library (no ELF file); put the .so that the build made here");
  }
  // The kind first, as far as it is there: of a 32-bit file of 60 bytes it is not the length that is wrong.
  const bool has_header = read(0, &header_, sizeof(header_));
  if (!has_header && !read(0, &header_, offsetof(Elf64_Ehdr, e_version))) return cut_short();
  if (has_header || header_.e_ident[EI_CLASS] != ELFCLASS64) {
    if (auto fit = check_kind(header_); !fit) return fit;
  }
  if (!has_header || !is_whole()) return cut_short();
  auto segments = table<Elf64_Phdr>(header_.e_phoff, header_.e_phnum);
  if (!segments) return cut_short();
  segments_ = std::move(*segments);
  for (const auto& segment : segments_) {
    if (segment.p_type == PT_LOAD && !holds(segment.p_offset, segment.p_filesz)) return cut_short();
  }
  if (!read_dynamic()) return refused("its dynamic section makes no sense; build the plugin again");
  return {};
}

// The section headers are last in most files: what was cut lacks them.
bool Image::is_whole() const {
  return holds(header_.e_phoff, std::uint64_t{header_.e_phnum} * sizeof(Elf64_Phdr)) &&
         holds(header_.e_shoff, std::uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr));
}

bool Image::read_dynamic() {
  const auto segment = std::ranges::find(segments_, Elf64_Word{PT_DYNAMIC}, &Elf64_Phdr::p_type);
  if (segment == segments_.end()) return true;
  const auto count = std::min<std::uint64_t>(segment->p_filesz / sizeof(Elf64_Dyn), kMaxDynamic);
  auto entries = table<Elf64_Dyn>(segment->p_offset, count);
  if (!entries) return false;
  const auto end = std::ranges::find(*entries, Elf64_Sxword{DT_NULL}, &Elf64_Dyn::d_tag);
  if (end == entries->end() && count == kMaxDynamic) return false;
  entries->erase(end, entries->end());
  dynamic_ = std::move(*entries);
  const auto address = dynamic_value(DT_STRTAB);
  if (!address) return true;
  const auto offset = offset_of(*address);
  if (!offset) return false;
  strings_ = *offset;
  strings_size_ = dynamic_value(DT_STRSZ).value_or(0);
  return holds(strings_, strings_size_);
}

bool Image::is_program() const {
  return header_.e_type == ET_EXEC || (dynamic_value(DT_FLAGS_1).value_or(0) & DF_1_PIE) != 0 ||
         dynamic_value(DT_DEBUG).has_value();  // before linkers set the flag
}

std::optional<std::uint64_t> Image::dynamic_value(Elf64_Sxword tag) const {
  const auto found = std::ranges::find(dynamic_, tag, &Elf64_Dyn::d_tag);
  if (found == dynamic_.end()) return std::nullopt;
  return found->d_un.d_val;
}

std::optional<std::uint64_t> Image::offset_of(std::uint64_t address) const {
  for (const auto& segment : segments_) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    if (address - segment.p_vaddr < segment.p_filesz) return segment.p_offset + (address - segment.p_vaddr);
  }
  return std::nullopt;
}

std::optional<std::string> Image::dynamic_text(std::uint64_t offset) const {
  constexpr std::size_t kStep = 128;  // most names are shorter
  std::string text;
  while (offset < strings_size_ && text.size() < kMaxText) {
    std::array<char, kStep> bytes{};
    const auto size = std::min<std::uint64_t>(bytes.size(), strings_size_ - offset);
    if (!read(strings_ + offset, bytes.data(), size)) return std::nullopt;
    const auto* const end = std::find(bytes.begin(), bytes.begin() + size, '\0');
    text.append(bytes.data(), static_cast<std::size_t>(end - bytes.data()));
    if (end != bytes.begin() + size) return text;
    offset += size;
  }
  return std::nullopt;
}

bool Image::dynamic_text_is(std::uint64_t offset, std::string_view text) const {
  std::array<char, kMaxText> bytes;
  const auto size = text.size() + 1;
  if (size > bytes.size() || offset >= strings_size_ || size > strings_size_ - offset) return false;
  return read(strings_ + offset, bytes.data(), size) && std::memcmp(bytes.data(), text.data(), text.size()) == 0 &&
         bytes[text.size()] == '\0';
}

}  // namespace berth::elf
