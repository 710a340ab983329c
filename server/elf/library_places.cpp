// SPDX-License-Identifier: Apache-2.0
#include "elf/library_places.h"

#include <stdlib.h>

#include <algorithm>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "elf/file.h"
#include "elf/library_search.h"

namespace berth::elf {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLibraries = 512;  // that one plugin needs, with all that they need

struct Found {
  fs::path file;
  std::vector<fs::path> inherited;  // folders that hold for what it needs, too: DT_RPATH
};

bool is_folder_of_libraries(const fs::path& folder) {
  const auto is_lib = [](const fs::path& name) { return name == "lib" || name == "lib64"; };
  return is_lib(folder.filename()) || is_lib(folder.parent_path().filename());
}

void add(std::vector<fs::path>& places, const fs::path& place) {
  if (std::ranges::find(places, place) == places.end()) places.push_back(place);
}

std::string library_path() {
  const char* folders = ::getenv("LD_LIBRARY_PATH");
  return folders == nullptr ? "" : folders;
}

// The files that a library needs, as the loader would find them.
std::vector<Found> needed_by(const Found& library, const LibrarySearch& search) {
  std::vector<Found> files;
  const auto elf = File::read(library.file);
  if (!elf) return files;
  const auto own = expanded(elf->search_paths, library.file.parent_path());
  auto rpaths = library.inherited;
  if (!elf->has_runpath) rpaths.insert(rpaths.begin(), own.begin(), own.end());
  for (const auto& name : elf->needed) {
    const auto candidates = search.candidates(name, rpaths, elf->has_runpath ? own : std::vector<fs::path>());
    std::error_code error;
    const auto file = std::ranges::find_if(
        candidates, [&](const auto& path) { return fs::is_regular_file(path, error) && File::read(path); });
    if (file != candidates.end()) files.push_back({*file, rpaths});
  }
  return files;
}

}  // namespace

std::vector<fs::path> system_libraries(const fs::path& library) {
  std::vector<fs::path> files;
  const auto elf = File::read(library);
  const bool has_rpath = elf && !elf->has_runpath && !elf->search_paths.empty();
  if (!elf || has_rpath || !library_path().empty()) return files;
  for (auto& found : needed_by({library, {}}, LibrarySearch(""))) {
    if (!is_systems_own(found.file)) return {};
    files.push_back(std::move(found.file));
  }
  return files;
}

std::vector<fs::path> library_places(const fs::path& library) {
  std::vector<fs::path> places;
  const auto folders = library_path();
  const LibrarySearch search(folders);
  std::set<fs::path> seen;
  std::vector<Found> waiting{{library, {}}};
  for (std::size_t i = 0; i < waiting.size() && i < kMaxLibraries; ++i) {
    for (auto& found : needed_by(Found(waiting[i]), search)) {
      std::error_code error;
      const auto real = fs::canonical(found.file, error);
      if (error || is_systems_own(found.file) || !seen.insert(real).second) continue;
      add(places, is_folder_of_libraries(real.parent_path()) ? real.parent_path() : real);
      waiting.push_back(std::move(found));
    }
  }
  for (std::size_t start = 0; start < folders.size();) {
    const auto end = std::min(folders.find_first_of(":;", start), folders.size());
    if (end > start) add(places, folders.substr(start, end - start));
    start = end + 1;
  }
  return places;
}

}  // namespace berth::elf
