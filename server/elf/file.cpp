// SPDX-License-Identifier: Apache-2.0
#include "elf/file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace berth::elf {
namespace {

constexpr std::uint64_t kMaxNoteBytes = 64UL * 1024;
// Of a hostile file, each entry may claim the longest text that is in it.
constexpr std::size_t kMaxNeeded = 1024;
constexpr std::size_t kMaxName = 1024;
constexpr std::size_t kMaxSearchPaths = 64;
constexpr std::size_t kMaxBuildIdBytes = 64;  // SHA-1 has 20

std::vector<std::string> split(std::string_view paths) {
  std::vector<std::string> parts;
  while (!paths.empty() && parts.size() < kMaxSearchPaths) {
    const auto end = std::min(paths.find(':'), paths.size());
    if (end > 0) parts.emplace_back(paths.substr(0, end));
    paths.remove_prefix(std::min(end + 1, paths.size()));
  }
  return parts;
}

// Notes are: sizes of name and content, type, name, content, each filled up to `alignment`.
std::optional<std::string> build_id_in(const Image& image, const Elf64_Phdr& segment) {
  const std::uint64_t alignment = segment.p_align == 8 ? 8 : 4;
  const auto filled = [alignment](std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
  const auto end = std::min(segment.p_filesz, kMaxNoteBytes);
  for (std::uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= end;) {
    const auto note = image.at<Elf64_Nhdr>(segment.p_offset + at);
    if (!note) return std::nullopt;
    const auto name_at = at + sizeof(Elf64_Nhdr);
    const auto content_at = name_at + filled(note->n_namesz);
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof(ELF_NOTE_GNU) && note->n_descsz > 0 &&
        note->n_descsz <= kMaxBuildIdBytes) {
      const auto name = image.at<std::array<char, sizeof(ELF_NOTE_GNU)>>(segment.p_offset + name_at);
      const auto content = image.table<char>(segment.p_offset + content_at, note->n_descsz);
      if (name && content && std::string_view(name->data(), name->size() - 1) == ELF_NOTE_GNU) {
        return to_hex({content->data(), content->size()});
      }
    }
    at = content_at + filled(note->n_descsz);
  }
  return std::nullopt;
}

}  // namespace

Result<File> File::read(const std::filesystem::path& path) {
  const auto image = Image::open(path);
  if (!image) return failure(image.error());
  return read(*image);
}

File File::read(const Image& image) {
  File file;
  for (const auto& entry : image.dynamic()) {
    if (entry.d_tag != DT_NEEDED || file.needed.size() >= kMaxNeeded) continue;
    if (auto name = image.dynamic_text(entry.d_un.d_val); name && !name->empty() && name->size() <= kMaxName)
      file.needed.push_back(std::move(*name));
  }
  const auto text = [&image](Elf64_Sxword tag) {
    const auto offset = image.dynamic_value(tag);
    return offset ? image.dynamic_text(*offset).value_or("") : std::string();
  };
  file.soname = text(DT_SONAME);
  file.has_runpath = image.dynamic_value(DT_RUNPATH).has_value();
  file.search_paths = split(text(file.has_runpath ? DT_RUNPATH : DT_RPATH));
  for (const auto& segment : image.segments()) {
    if (segment.p_type != PT_NOTE || !file.build_id.empty()) continue;
    file.build_id = build_id_in(image, segment).value_or("");
  }
  return file;
}

}  // namespace berth::elf
