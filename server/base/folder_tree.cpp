// SPDX-License-Identifier: Apache-2.0
#include "base/folder_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/unique_fd.h"

namespace berth {
namespace {

constexpr std::uint64_t kBlockBytes = 512;  // of st_blocks, whatever the file system's are
constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// One empties a folder, unless somebody still writes to it.
constexpr int kPasses = 3;

// Calls `see` with the folder and each name in it, until it returns false. 0, or errno where it could not be listed.
template <typename See>
int list(UniqueFd opened, See see) {
  if (!opened) return errno;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(opened.get()), ::closedir);
  if (listing == nullptr) return errno;
  const int folder = opened.release();  // the listing's
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(listing.get());
    if (entry == nullptr) return errno;
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !see(folder, entry->d_name)) return 0;
  }
}

// Whether what met this error may be left out of account: it is gone, or this process is short of something.
bool may_miss(int error) {
  return error == 0 || error == ENOENT || error == EMFILE || error == ENFILE || error == ENOMEM;
}

// Adds up what a tree holds.
class Meter {
 public:
  explicit Meter(const TreeBounds& bounds) : bounds_(bounds) {}

  // False: beyond.
  bool folder(UniqueFd opened, std::size_t depth) {
    bool within = true;
    const auto error =
        list(std::move(opened), [&](int inside, const char* name) { return within = entry(inside, name, depth); });
    return within && may_miss(error);
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  bool entry(int folder_fd, const char* name, std::size_t depth) {
    if (++entries_ > bounds_.entries) return false;
    struct stat found {};
    if (::fstatat(folder_fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0) return may_miss(errno);
    // Its space, not its size: a file may have holes.
    bytes_ += static_cast<std::uint64_t>(found.st_blocks) * kBlockBytes;
    if (!S_ISDIR(found.st_mode)) return true;
    if (depth == bounds_.depth) return false;
    return folder(UniqueFd(::openat(folder_fd, name, kOpenFolder)), depth + 1);
  }

  const TreeBounds bounds_;
  std::size_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

// Removes a file, a link or an empty folder. 0, or why it is still there: ENOTEMPTY for a folder that is not empty.
int remove_one(int folder, const char* name) {
  if (::unlinkat(folder, name, 0) == 0 || errno == ENOENT) return 0;
  const int of_file = errno;
  if (::unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  if (errno == EEXIST) return ENOTEMPTY;  // POSIX has both
  return errno == ENOTDIR ? of_file : errno;
}

// So that it can be read and changed, where it is this user's.
UniqueFd open_to_empty(int folder, const char* name) {
  UniqueFd opened(::openat(folder, name, kOpenFolder));
  if (!opened && errno == EACCES && ::fchmodat(folder, name, S_IRWXU, AT_SYMLINK_NOFOLLOW) == 0) {
    opened.reset(::openat(folder, name, kOpenFolder));
  }
  if (opened) (void)::fchmod(opened.get(), S_IRWXU);  // where it fails, what is in it stays, and says why
  return opened;
}

// Empties a folder. What lies deeper than its subfolders is first moved up into it, under a number for a name: so no
// path gets long, and no more than two folders are open at once.
class Emptying {
 public:
  explicit Emptying(int top) : top_(top) {}

  // One pass over what is there now. 0, or the first reason why something stays.
  int pass() {
    problem_ = 0;
    note(
        list(UniqueFd(::openat(top_, ".", kOpenFolder)), [this](int, const char* name) { return remove(name), true; }));
    for (; next_ < free_; ++next_) remove(std::to_string(next_).c_str());
    return problem_;
  }

 private:
  void note(int error) {
    if (problem_ == 0) problem_ = error;
  }

  void remove(const char* name) {
    const int stays = remove_one(top_, name);
    if (stays != ENOTEMPTY) return note(stays);
    note(list(open_to_empty(top_, name), [this](int inside, const char* below) {
      const int why = remove_one(inside, below);
      note(why == ENOTEMPTY ? move_up(inside, below) : why);
      return true;
    }));
    note(remove_one(top_, name));
  }

  int move_up(int from, const char* name) {
    (void)::fchmodat(from, name, S_IRWXU, AT_SYMLINK_NOFOLLOW);  // moving a folder changes it
    for (;;) {
      if (::renameat(from, name, top_, std::to_string(free_++).c_str()) == 0 || errno == ENOENT) return 0;
      const bool is_taken = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
      if (!is_taken) return errno;
    }
  }

  const int top_;
  int problem_ = 0;
  // The numbers that may be names of folders to remove, and from where on none was given.
  std::uint64_t next_ = 0, free_ = 0;
};

int remove_below(int parent, const char* name) {
  int stays = remove_one(parent, name);
  if (stays != ENOTEMPTY) return stays;
  const auto top = open_to_empty(parent, name);
  if (!top) return errno;
  Emptying emptying(top.get());
  for (int i = 0; i < kPasses && stays != 0; ++i) {
    const int problem = emptying.pass();
    stays = remove_one(parent, name);
    if (stays != 0 && problem != 0) stays = problem;
  }
  return stays;
}

}  // namespace

std::optional<std::uint64_t> bytes_of_tree(const std::filesystem::path& folder, const TreeBounds& bounds) {
  Meter meter(bounds);
  if (!meter.folder(UniqueFd(::open(folder.c_str(), kOpenFolder)), 0)) return std::nullopt;
  return meter.bytes();
}

Result<> remove_tree(const std::filesystem::path& path) {
  const auto whole = path.has_filename() ? path : path.parent_path();  // it may end with a slash
  const auto folder = whole.parent_path();
  const UniqueFd parent(::open(folder.empty() ? "." : folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const int stays = parent ? remove_below(parent.get(), whole.filename().c_str()) : errno;
  if (stays == 0 || (!parent && stays == ENOENT)) return {};
  return failure(Code::unavailable,
                 "cannot remove " + path.string() + " and all in it: " + std::generic_category().message(stays));
}

void remove_tree_or_log(const std::filesystem::path& path) {
  if (const auto removed = remove_tree(path); !removed) log::warning(removed.error().message);
}

}  // namespace berth
