// SPDX-License-Identifier: Apache-2.0
#include "packages/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>
#include <vector>

#include "base/sha256.h"
#include "base/unique_fd.h"
#include "packages/archive.h"
#include "packages/names.h"
#include "packages/staging.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 256UL * 1024;
constexpr std::uint64_t kFreeOfRatio = 1UL << 20;

// A bound that an archive exceeds, for people; "" = none.
std::string exceeded(const Manifest& manifest, std::uint64_t archive_bytes, const UnpackLimits& limits) {
  const auto more_than = [](const std::string& what, std::uint64_t most) {
    return what + ", more than the " + std::to_string(most) + " that are allowed";
  };
  if (manifest.files.size() > limits.max_files) {
    return more_than("it has " + std::to_string(manifest.files.size()) + " files", limits.max_files);
  }
  std::uint64_t total = 0;
  for (const auto& file : manifest.files) {
    if (file.size > limits.max_file_bytes) {
      return more_than("entry " + printable(file.path) + " has " + std::to_string(file.size) + " bytes",
                       limits.max_file_bytes);
    }
    if (file.size > limits.max_total_bytes - total) {
      return "its files are larger together than the " + std::to_string(limits.max_total_bytes) +
             " bytes that are allowed, with entry " + printable(file.path);
    }
    total += file.size;
  }
  if (total > kFreeOfRatio && total / std::max<std::uint64_t>(limits.max_ratio, 1) > archive_bytes) {
    return more_than("its files are " + std::to_string(total / archive_bytes) + " times as large as it is",
                     limits.max_ratio);
  }
  return "";
}

// Why an entry is none that a package has; "" = it may be one.
std::string type_problem(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return "it is a hard link; a package holds files only";
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG: return "";
    case AE_IFLNK: return "it is a symbolic link; a package holds files only";
    case AE_IFDIR: return "it is a folder; a package lists its files only";
    default: return "it is a device, pipe or socket; a package holds files only";
  }
}

class Unpacking {
 public:
  Unpacking(const fs::path& archive, const UnpackLimits& limits) : path_(archive), limits_(limits) {}

  Result<Unpacked> run(const fs::path& models_dir) {
    const Utf8Names names;
    if (auto opened = open(); !opened) return failure(std::move(opened).error());
    auto text = read_first();
    if (!text) return failure(std::move(text).error());
    auto manifest = parse_manifest(*text);
    if (!manifest) return refused(manifest.error().message);
    if (const auto why = exceeded(*manifest, bytes_, limits_); !why.empty()) {
      return failure(Code::too_large, path_.string() + ": " + why);
    }
    auto staging = Staging::create(models_dir, manifest->name, manifest->version);
    if (!staging) return failure(std::move(staging).error());
    if (auto written = take_all(*manifest, *staging); !written) return failure(std::move(written).error());
    if (auto written = write_manifest(*text, *staging); !written) return failure(std::move(written).error());
    auto folder = staging->publish();
    if (!folder) return failure(std::move(folder).error());
    return Unpacked{*std::move(manifest), *std::move(folder)};
  }

 private:
  tl::unexpected<Error> refused(const std::string& why) const {
    return failure(Code::invalid_argument, path_.string() + ": " + why);
  }
  tl::unexpected<Error> refused(const std::string& entry, const std::string& why) const {
    return refused("entry " + printable(entry) + ": " + why);
  }
  tl::unexpected<Error> damaged() const {
    return refused("it is damaged, cut short, or not made by `berth pack`: " + printable(archive_error(handle_.get())));
  }

  Result<> open() {
    file_.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status = {};
    if (!file_ || ::fstat(file_.get(), &status) != 0) {
      return failure(Code::not_found, path_.string() + ": " + std::generic_category().message(errno));
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0) return refused("it is no archive");
    bytes_ = static_cast<std::uint64_t>(status.st_size);
    handle_.reset(archive_read_new());
    // What pack() writes and nothing else: each format more is code more that hostile bytes reach.
    const bool ready = handle_ && archive_read_support_filter_gzip(handle_.get()) == ARCHIVE_OK &&
                       archive_read_support_format_tar(handle_.get()) == ARCHIVE_OK;
    if (!ready) return failure(Code::internal, "libarchive cannot read tar and gzip");
    if (archive_read_open_fd(handle_.get(), file_.get(), kBlockBytes) != ARCHIVE_OK) return damaged();
    // The file itself counts as one; a second gzip would multiply what one can hide.
    if (archive_filter_count(handle_.get()) > 2) return refused("it is packed more than once");
    return {};
  }

  // The next entry's path, "" at the end.
  Result<std::string> next() {
    const int code = archive_read_next_header(handle_.get(), &entry_);
    if (code == ARCHIVE_EOF) return std::string();
    if (code != ARCHIVE_OK) return damaged();
    const char* name = archive_entry_pathname(entry_);
    const std::string path = name != nullptr ? name : "";
    if (auto problem = path_problem(path); !problem.empty()) return refused(path, problem);
    if (auto problem = type_problem(entry_); !problem.empty()) return refused(path, problem);
    return path;
  }

  Result<std::string> read_first() {
    auto path = next();
    if (!path) return path;
    if (path->empty()) return refused("it is empty");
    if (*path != kManifestName) return refused(*path, "the first entry must be " + std::string(kManifestName));
    std::string text;
    auto read = read_entry(
        [&text](std::string_view bytes) -> Result<> {
          text += bytes;
          return {};
        },
        kMaxManifestBytes);
    if (!read) return failure(std::move(read).error());
    if (*read > kMaxManifestBytes) return refused(*path, "it is larger than 16 MiB");
    return text;
  }

  // Gives the entry's bytes to `take` and returns how many there are; what is beyond `most` is neither read nor given.
  template <typename Take>
  Result<std::uint64_t> read_entry(Take take, std::uint64_t most) {
    std::vector<char> block(kBlockBytes);
    std::uint64_t total = 0;
    while (true) {
      const auto size = archive_read_data(handle_.get(), block.data(), block.size());
      if (size < 0) return damaged();
      if (size == 0) return total;
      total += static_cast<std::uint64_t>(size);
      if (total > most) return total;
      if (auto taken = take({block.data(), static_cast<std::size_t>(size)}); !taken) {
        return failure(std::move(taken).error());
      }
    }
  }

  Result<> take_all(const Manifest& manifest, const Staging& staging) {
    std::map<std::string_view, const PackedFile*> missing;
    for (const auto& file : manifest.files) missing.emplace(file.path, &file);
    const auto listed = missing;
    while (true) {
      const auto path = next();
      if (!path) return failure(path.error());
      if (path->empty()) break;
      const auto found = listed.find(*path);
      if (found == listed.end()) return refused(*path, "its manifest does not list it");
      if (missing.erase(*path) == 0) return refused(*path, "it is there twice");
      if (auto taken = take_file(*found->second, staging); !taken) return taken;
    }
    if (!missing.empty())
      return refused(std::string(missing.begin()->first), "its manifest lists it, but it is missing");
    return {};
  }

  Result<> take_file(const PackedFile& file, const Staging& staging) {
    auto out = staging.create_file(file.path);
    if (!out) return failure(std::move(out).error());
    Sha256 hash;
    const auto size = read_entry(
        [&](std::string_view bytes) {
          hash.update(bytes);
          return write(*out, bytes, file.path);
        },
        file.size);
    if (!size) return failure(size.error());
    if (*size != file.size) {
      return refused(file.path, std::string("it is ") + (*size > file.size ? "larger" : "smaller") + " than the " +
                                    std::to_string(file.size) + " bytes that its manifest names");
    }
    const auto found = hash.hex();
    if (found == file.sha256) return finish(*out, file.path);
    return refused(file.path, "its sha256 is " + found + ", its manifest names " + file.sha256);
  }

  Result<> write_manifest(const std::string& text, const Staging& staging) {
    const std::string path(kManifestName);
    auto out = staging.create_file(path);
    if (!out) return failure(std::move(out).error());
    if (auto written = write(*out, text, path); !written) return written;
    return finish(*out, path);
  }

  Result<> write(const UniqueFd& out, std::string_view bytes, const std::string& path) const {
    while (!bytes.empty()) {
      const auto size = ::write(out.get(), bytes.data(), bytes.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return unwritten(path);
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return {};
  }
  Result<> finish(const UniqueFd& out, const std::string& path) const {
    if (::fsync(out.get()) != 0) return unwritten(path);
    return {};
  }
  tl::unexpected<Error> unwritten(const std::string& path) const {
    return failure(Code::unavailable,
                   printable(path) + " cannot be written: " + std::generic_category().message(errno));
  }

  fs::path path_;
  UnpackLimits limits_;
  UniqueFd file_;
  std::uint64_t bytes_ = 0;  // of the archive
  ArchiveReader handle_;     // closes before its file
  archive_entry* entry_ = nullptr;
};

}  // namespace

Result<Unpacked> unpack(const fs::path& archive, const fs::path& models_dir, const UnpackLimits& limits) {
  return Unpacking(archive, limits).run(models_dir);
}

}  // namespace berth::packages
