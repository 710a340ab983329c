// SPDX-License-Identifier: Apache-2.0
#include "hosting/written_package.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "base/folder_tree.h"
#include "base/json.h"
#include "base/unique_fd.h"
#include "base/utc.h"
#include "hosting/or_problem.h"
#include "hosting/package.h"
#include "packages/names.h"

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxFiles = 4096;
constexpr std::size_t kChunkBytes = 1UL << 20;
constexpr int kMaxVersionsAhead = 24 * 60;

tl::unexpected<Error> bad(const std::string& path, std::string_view why) {
  return failure(Code::invalid_argument, packages::printable(path).append(" ").append(why));
}

tl::unexpected<Error> unreadable(const std::string& path) {
  return failure(Code::unavailable,
                 packages::printable(path) + " cannot be read: " + std::generic_category().message(errno));
}

bool write_whole(int file, const char* data, std::size_t size) {
  while (size > 0) {
    const auto written = ::write(file, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

// Copies a folder's files, through descriptors alone: whoever can still change the folder gains nothing by it.
class Copy {
 public:
  Copy(const packages::Staging& staging, std::uint64_t max_bytes, const std::function<bool()>& wanted)
      : staging_(staging), bytes_left_(max_bytes), wanted_(wanted), chunk_(kChunkBytes) {}

  // Takes the descriptor. `prefix` is the folder's path with a slash, "" for the package's own.
  Result<> folder(UniqueFd opened, const std::string& prefix) {
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(opened.get()), ::closedir);
    if (listing == nullptr) return unreadable(prefix);
    const int inside = opened.release();  // the listing's
    while (const auto* entry = ::readdir(listing.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (auto copied = one(inside, name, prefix + name); !copied) return copied;
    }
    return {};
  }

 private:
  Result<> one(int folder_fd, const std::string& name, const std::string& path) {
    if (++files_ > kMaxFiles) return failure(Code::too_large, "it has more than 4096 files and folders");
    if (const auto problem = packages::path_problem(path); !problem.empty()) return bad(path, "cannot be: " + problem);
    UniqueFd opened(::openat(folder_fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!opened && errno == ELOOP) return bad(path, "is a link");
    struct stat found {};
    if (!opened || ::fstat(opened.get(), &found) != 0) return unreadable(path);
    if (S_ISDIR(found.st_mode)) return folder(std::move(opened), path + "/");
    if (!S_ISREG(found.st_mode)) return bad(path, "is neither a file nor a folder");
    if (found.st_nlink != 1) return bad(path, "is a file that has another name, too");
    return file(opened.get(), path);
  }

  Result<> file(int from, const std::string& path) {
    const auto to = staging_.create_file(path);
    if (!to) return failure(to.error());
    while (true) {
      if (!wanted_()) return failure(Code::cancelled, "cancelled");
      const auto size = ::read(from, chunk_.data(), chunk_.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return unreadable(path);
      if (size == 0) break;
      const auto bytes = static_cast<std::size_t>(size);
      if (bytes > bytes_left_) return failure(Code::too_large, "it is larger than max_scratch_bytes");
      bytes_left_ -= bytes;
      if (!write_whole(to->get(), chunk_.data(), bytes)) return unwritable(path);
    }
    return ::fsync(to->get()) == 0 ? Result<>() : unwritable(path);
  }

  static tl::unexpected<Error> unwritable(const std::string& path) {
    return failure(Code::unavailable,
                   packages::printable(path) + " cannot be written: " + std::generic_category().message(errno));
  }

  const packages::Staging& staging_;
  std::uint64_t bytes_left_;
  const std::function<bool()>& wanted_;
  std::vector<char> chunk_;
  std::size_t files_ = 0;
};

std::string plugin_of(const std::string& config_json) {
  const auto config = json::parse(config_json);
  const auto* plugin = config ? json::find(*config, "plugin") : nullptr;
  return plugin != nullptr && plugin->IsString() ? std::string(json::view(*plugin)) : "";
}

}  // namespace

WrittenPackage::WrittenPackage(std::filesystem::path scratch, std::filesystem::path folder,
                               std::filesystem::path models_dir, Source source, const WorkerLimits& limits)
    : scratch_(std::move(scratch)),
      folder_(std::move(folder)),
      models_dir_(std::move(models_dir)),
      source_(std::move(source)),
      limits_(limits) {}

WrittenPackage::~WrittenPackage() { remove_tree_or_log(scratch_); }

Result<packages::Staging> WrittenPackage::stage() {
  auto time = std::chrono::system_clock::now();
  for (int ahead = 0;; ++ahead, time += std::chrono::minutes(1)) {
    version_ = utc_text(time, "%Y%m%d%H%M");
    auto staging = packages::Staging::create(models_dir_, source_.name, version_);
    const bool is_taken = !staging && staging.error().code == Code::conflict;
    if (!is_taken || ahead == kMaxVersionsAhead) return staging;
  }
}

// What was copied, which nobody else can change.
Result<> WrittenPackage::check(const std::filesystem::path& folder) const {
  ServingOptions serving;
  const auto package = read_package(folder, serving);
  if (!package) return failure(package.error());
  const auto own = plugin_of(source_.config_json);
  if (own.empty() || package->plugin == own) return {};
  return failure(Code::invalid_argument, "its model.yaml names the plugin " + packages::printable(package->plugin) +
                                             ", and " + own + " is what wrote it");
}

Result<> WrittenPackage::prepare(const std::function<bool()>& wanted) {
  UniqueFd opened(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened) return unreadable("its folder");
  auto staging = stage();
  if (!staging) return failure(staging.error());
  auto done = or_problem(
      [&]() -> Result<> {
        Copy copy(*staging, limits_.scratch_bytes, wanted);
        if (auto copied = copy.folder(std::move(opened), ""); !copied) return copied;
        return check(staging->inside());
      },
      [](std::string why) -> Result<> { return failure(Code::unavailable, std::move(why)); });
  if (done) staging_.emplace(std::move(*staging));
  return done;
}

Result<std::string> WrittenPackage::publish() {
  if (!staging_) return failure(Code::internal, "it was not prepared");
  const auto published = staging_->publish();
  if (!published) return failure(published.error());
  return version_;
}

}  // namespace berth::hosting
