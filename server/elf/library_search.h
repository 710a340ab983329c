// SPDX-License-Identifier: Apache-2.0
// LibrarySearch: in which files the system's loader looks for a library of a given name, in its order.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace berth::elf {

// Folders with $ORIGIN, $LIB and $PLATFORM put in; `origin` is the folder of the file that names them.
std::vector<std::filesystem::path> expanded(const std::vector<std::string>& search_paths,
                                            const std::filesystem::path& origin);

// Whether a file lies in a folder that the system's own packages fill.
bool is_systems_own(const std::filesystem::path& file);

// Written anew when a package brings a library of the system, or takes one away (ldconfig).
inline constexpr const char* kLoaderCache = "/etc/ld.so.cache";

class LibrarySearch {
 public:
  // As a program that is started now with this LD_LIBRARY_PATH would search. Reads the loader's cache. [any, blocks]
  explicit LibrarySearch(std::string_view library_path, const std::filesystem::path& cache = kLoaderCache);

  // A name with a slash is a path already. `rpaths` come before LD_LIBRARY_PATH, `runpaths` after it.
  // Folders for particular processors (glibc-hwcaps) hold second copies, and are not looked at.
  std::vector<std::filesystem::path> candidates(const std::string& name,
                                                const std::vector<std::filesystem::path>& rpaths,
                                                const std::vector<std::filesystem::path>& runpaths) const;
  // Names that the cache has and that differ from `name` in what follows ".so" only: other versions of it.
  std::vector<std::string> other_versions(std::string_view name) const;

 private:
  void read_cache(const std::filesystem::path& path);

  std::vector<std::filesystem::path> library_path_;
  std::multimap<std::string, std::filesystem::path, std::less<>> cache_;
};

}  // namespace berth::elf
