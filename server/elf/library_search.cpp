// SPDX-License-Identifier: Apache-2.0
#include "elf/library_search.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/files.h"

namespace berth::elf {
namespace {

namespace fs = std::filesystem;

#if defined(__x86_64__)
constexpr std::int32_t kCacheKind = 0x0303;  // of a library for this machine and the GNU C library
constexpr std::string_view kPlatform = "x86_64";
constexpr std::array<const char*, 4> kSystemFolders{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64",
                                                    "/usr/lib64"};
constexpr std::array<std::string_view, 2> kLib{"lib/x86_64-linux-gnu", "lib64"};
#elif defined(__aarch64__)
constexpr std::int32_t kCacheKind = 0x0a03;
constexpr std::string_view kPlatform = "aarch64";
constexpr std::array<const char*, 4> kSystemFolders{"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64",
                                                    "/usr/lib64"};
constexpr std::array<std::string_view, 2> kLib{"lib/aarch64-linux-gnu", "lib64"};
#endif

constexpr std::array<const char*, 2> kPlainFolders{"/lib", "/usr/lib"};
constexpr std::size_t kMaxCacheBytes = 64UL * 1024 * 1024;
constexpr std::string_view kCacheMagic = "glibc-ld.so.cache1.1";

struct CacheHeader {
  std::array<char, 20> magic;
  std::uint32_t count;
  std::uint32_t strings_size;
  std::array<std::uint32_t, 5> unused;
};

struct CacheEntry {
  std::int32_t kind;
  std::uint32_t name;  // both are offsets from the header
  std::uint32_t path;
  std::uint32_t system_version;
  std::uint64_t processor;  // 0 = any
};

void replace_all(std::string& text, std::string_view token, std::string_view value) {
  for (auto at = text.find(token); at != std::string::npos; at = text.find(token, at + value.size())) {
    text.replace(at, token.size(), value);
  }
}

std::string text_at(std::string_view bytes, std::size_t offset) {
  if (offset >= bytes.size()) return {};
  const auto rest = bytes.substr(offset);
  return std::string(rest.substr(0, rest.find('\0')));
}

// "libtorch.so" of "libtorch.so.2".
std::string_view stem_of(std::string_view name) {
  const auto end = name.find(".so");
  return end == std::string_view::npos ? std::string_view() : name.substr(0, end + 3);
}

}  // namespace

std::vector<fs::path> expanded(const std::vector<std::string>& search_paths, const fs::path& origin) {
  std::vector<fs::path> folders;
  for (const auto& path : search_paths) {
    for (const auto lib : kLib) {
      auto folder = path;
      for (const auto* const token : {"${ORIGIN}", "$ORIGIN"}) replace_all(folder, token, origin.string());
      for (const auto* const token : {"${LIB}", "$LIB"}) replace_all(folder, token, lib);
      for (const auto* const token : {"${PLATFORM}", "$PLATFORM"}) replace_all(folder, token, kPlatform);
      if (std::ranges::find(folders, fs::path(folder)) == folders.end()) folders.emplace_back(folder);
    }
  }
  return folders;
}

bool is_systems_own(const fs::path& file) {
  const auto folder = file.parent_path().string();
  return std::ranges::find(kSystemFolders, folder) != kSystemFolders.end() ||
         std::ranges::find(kPlainFolders, folder) != kPlainFolders.end();
}

LibrarySearch::LibrarySearch(std::string_view library_path, const fs::path& cache) {
  while (!library_path.empty()) {
    const auto end = std::min(library_path.find_first_of(":;"), library_path.size());
    if (end > 0) library_path_.emplace_back(library_path.substr(0, end));
    library_path.remove_prefix(std::min(end + 1, library_path.size()));
  }
  read_cache(cache);
}

// Some systems write the same behind a table of an older kind.
void LibrarySearch::read_cache(const fs::path& path) {
  const auto content = read_file(path, kMaxCacheBytes);
  if (!content) return;
  const auto start = content->find(kCacheMagic);
  if (start == std::string::npos) return;
  const auto bytes = std::string_view(*content).substr(start);
  CacheHeader header;
  if (bytes.size() < sizeof(header)) return;
  std::memcpy(&header, bytes.data(), sizeof(header));
  for (std::size_t i = 0; i < header.count; ++i) {
    const auto at = sizeof(header) + i * sizeof(CacheEntry);
    CacheEntry entry;
    if (at + sizeof(entry) > bytes.size()) return;
    std::memcpy(&entry, bytes.data() + at, sizeof(entry));
    if (entry.kind == kCacheKind && entry.processor == 0) {
      cache_.emplace(text_at(bytes, entry.name), text_at(bytes, entry.path));
    }
  }
}

std::vector<fs::path> LibrarySearch::candidates(const std::string& name, const std::vector<fs::path>& rpaths,
                                                const std::vector<fs::path>& runpaths) const {
  if (name.find('/') != std::string::npos) return {name};
  std::vector<fs::path> files;
  const auto add = [&](const auto& folders) {
    for (const auto& folder : folders) files.push_back(fs::path(folder) / name);
  };
  add(rpaths);
  add(library_path_);
  add(runpaths);
  const auto [first, last] = cache_.equal_range(name);
  for (auto entry = first; entry != last; ++entry) files.push_back(entry->second);
  add(kSystemFolders);
  add(kPlainFolders);
  return files;
}

std::vector<std::string> LibrarySearch::other_versions(std::string_view name) const {
  std::vector<std::string> names;
  const auto stem = stem_of(name);
  if (stem.empty()) return names;
  for (auto entry = cache_.lower_bound(stem); entry != cache_.end() && entry->first.starts_with(stem); ++entry) {
    if (entry->first != name && stem_of(entry->first) == stem && (names.empty() || names.back() != entry->first)) {
      names.push_back(entry->first);
    }
  }
  return names;
}

}  // namespace berth::elf
