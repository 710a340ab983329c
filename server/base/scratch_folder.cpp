// SPDX-License-Identifier: Apache-2.0
#include "base/scratch_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/folder_tree.h"

namespace berth {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPrefix = "berth-run-", kRandom = "XXXXXX";  // as mkdtemp wants it
constexpr const char* kTaken = ".taken";                                // in a folder that was locked once
constexpr std::chrono::minutes kTimeToTake{10};                         // what was not taken then never will be

bool is_name_of_one(std::string_view name) {
  const auto is_random = [](unsigned char c) { return std::isalnum(c) != 0; };
  return name.size() == kPrefix.size() + kRandom.size() && name.starts_with(kPrefix) &&
         std::ranges::all_of(name.substr(kPrefix.size()), is_random);
}

UniqueFd open_folder(const fs::path& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Locks it, and marks it as one whose owner is gone where it is not locked.
UniqueFd take(const fs::path& path) {
  auto folder = open_folder(path);
  if (!folder || ::flock(folder.get(), LOCK_SH) != 0) return {};
  const UniqueFd mark(::openat(folder.get(), kTaken, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
  return mark ? std::move(folder) : UniqueFd();
}

// Whether `path` is one that a process of this user made, and nobody uses.
bool is_left_behind(const fs::path& path) {
  const auto folder = open_folder(path);
  struct stat status {};
  if (!folder || ::fstat(folder.get(), &status) != 0 || status.st_uid != ::geteuid()) return false;
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return false;
  if (::faccessat(folder.get(), kTaken, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
  // It was just made, or is just being removed.
  const auto age = std::chrono::seconds(std::time(nullptr) - status.st_mtime);
  return errno == ENOENT && age > kTimeToTake;
}

void remove_left_behind(const fs::path& parent) {
  std::error_code error;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error)) {
    const auto& path = entry->path();
    if (is_name_of_one(path.filename().string()) && is_left_behind(path)) remove_tree_or_log(path);
  }
}

}  // namespace

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::create(fs::path parent) {
  std::error_code error;
  if (parent.empty()) parent = fs::temp_directory_path(error);
  remove_left_behind(parent);
  auto name = (parent / std::string(kPrefix).append(kRandom)).string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    return failure(Code::unavailable, "no folder can be made in the system's temporary one, " + parent.string() + ": " +
                                          (error ? error.message() : std::strerror(errno)));
  }
  std::unique_ptr<ScratchFolder> folder(new ScratchFolder(name));
  folder->lock_ = take(folder->path_);
  if (!folder->lock_) {
    return failure(Code::unavailable, "cannot lock " + folder->path_.string() + ": " + std::strerror(errno));
  }
  return folder;
}

ScratchFolder::~ScratchFolder() { remove_tree_or_log(path_); }

}  // namespace berth
