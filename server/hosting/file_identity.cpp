// SPDX-License-Identifier: Apache-2.0
#include "hosting/file_identity.h"

#include <sys/stat.h>

#include "hosting/folders.h"

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxFiles = 100'000;
constexpr std::size_t kMaxDepth = 16;  // symlinks may lead round in a circle

void add_tree(const std::filesystem::path& folder, std::size_t depth, std::size_t& files, std::string& text) {
  for (const auto& entry : entries_of(folder)) {
    if (is_folder(entry)) {
      if (depth < kMaxDepth) add_tree(entry, depth + 1, files, text);
    } else if (++files <= kMaxFiles) {
      text += file_identity(entry).value_or("");
    }
  }
}

}  // namespace

std::optional<std::string> file_identity(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  std::string text = file.string();
  const auto add = [&text](auto number) { text.append(" ").append(std::to_string(number)); };
  add(found.st_dev);
  add(found.st_ino);
  add(found.st_size);
  add(found.st_mtim.tv_sec);
  add(found.st_mtim.tv_nsec);
  add(found.st_ctim.tv_sec);
  add(found.st_ctim.tv_nsec);
  return text.append("\n");
}

std::string tree_identity(const std::filesystem::path& folder) {
  std::string text = folder.string().append("\n");
  std::size_t files = 0;
  add_tree(folder, 0, files, text);
  return text;
}

}  // namespace berth::hosting
