// SPDX-License-Identifier: Apache-2.0
#include "packages/staging.h"

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/ids.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> failed(const fs::path& path, const std::string& why) {
  return failure(Code::unavailable, path.string() + " cannot be written: " + why);
}

tl::unexpected<Error> taken(const fs::path& folder) {
  return failure(Code::conflict, folder.string() +
                                     " exists, and a version never changes: remove it first, or pack the new one under "
                                     "another version");
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

// What was written reaches the disk with the name that it got.
void sync(const fs::path& folder) {
  const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened) ::fsync(opened.get());
}

}  // namespace

Result<Staging> Staging::create(const fs::path& models_dir, const std::string& name, const std::string& version) {
  std::error_code error;
  if (!fs::is_directory(models_dir, error)) {
    return failure(Code::not_found, "there is no folder of models at " + models_dir.string());
  }
  const auto model = models_dir / name;
  const auto hidden = std::string(".unpack-").append(random_hex_id());
  Staging staging;
  staging.folder_ = model / version;
  if (is_there(staging.folder_)) return taken(staging.folder_);
  const bool is_new = !is_there(model);
  staging.root_ = (is_new ? models_dir : model) / hidden;
  staging.inside_ = is_new ? staging.root_ / version : staging.root_;
  staging.target_ = is_new ? model : staging.folder_;
  if (!fs::create_directory(staging.root_, error) || (is_new && !fs::create_directory(staging.inside_, error))) {
    return failed(staging.folder_, error.message());
  }
  return staging;
}

Staging::Staging(Staging&& other) noexcept
    : root_(std::exchange(other.root_, {})),
      inside_(std::move(other.inside_)),
      target_(std::move(other.target_)),
      folder_(std::move(other.folder_)) {}

Staging::~Staging() {
  std::error_code ignored;
  if (!root_.empty()) fs::remove_all(root_, ignored);
}

Result<UniqueFd> Staging::create_file(const std::string& path) const {
  const auto whole = inside_ / path;
  std::error_code error;
  fs::create_directories(whole.parent_path(), error);
  if (error) return failed(folder_ / path, error.message());
  UniqueFd file(::open(whole.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return failed(folder_ / path, std::generic_category().message(errno));
  return file;
}

Result<fs::path> Staging::publish() {
  sync(inside_);
  sync(root_);
  // rename(2) replaces an empty folder at most: what somebody else put there meanwhile stays.
  if (::rename(root_.c_str(), target_.c_str()) != 0) {
    if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR) return taken(target_);
    return failed(target_, std::generic_category().message(errno));
  }
  root_.clear();
  sync(target_.parent_path());
  return folder_;
}

}  // namespace berth::packages
