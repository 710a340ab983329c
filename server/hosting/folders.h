// SPDX-License-Identifier: Apache-2.0
// Reading folders that may change or vanish meanwhile: what cannot be read is empty.
#pragma once

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

namespace berth::hosting {

inline bool is_folder(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

// By name, without those that begin with a dot.
inline std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (!entry->path().filename().string().starts_with('.')) entries.push_back(entry->path());
  }
  std::ranges::sort(entries);
  return entries;
}

}  // namespace berth::hosting
