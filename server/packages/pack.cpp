// SPDX-License-Identifier: Apache-2.0
#include "packages/pack.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include "base/ids.h"
#include "base/sha256.h"
#include "base/unique_fd.h"
#include "packages/archive.h"
#include "packages/names.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 256UL * 1024;

tl::unexpected<Error> bad(const std::string& path, const std::string& what) {
  return failure(Code::invalid_argument, printable(path) + ": " + what);
}

// The paths of the files below `folder`, in the order of their bytes.
Result<std::vector<std::string>> paths_below(const fs::path& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error); !error && entry != fs::end(entry);
       entry.increment(error)) {
    const auto path = entry->path().lexically_relative(folder).generic_string();
    const auto type = entry->symlink_status(error).type();
    if (error) break;
    if (type == fs::file_type::directory || path == kManifestName) continue;
    if (type == fs::file_type::symlink) return bad(path, "it is a link; put the file itself there");
    if (type != fs::file_type::regular) return bad(path, "it is no file");
    if (auto problem = path_problem(path); !problem.empty()) return bad(path, problem);
    paths.push_back(path);
  }
  if (error) return failure(Code::invalid_argument, folder.string() + " cannot be read: " + error.message());
  std::ranges::sort(paths);
  return paths;
}

Result<std::vector<PackedFile>> digests_below(const fs::path& folder) {
  auto paths = paths_below(folder);
  if (!paths) return failure(std::move(paths).error());
  std::vector<PackedFile> files;
  for (auto& path : *paths) {
    auto digest = digest_of_file(folder / path);
    if (!digest) return bad(path, digest.error().message);
    files.push_back({std::move(path), digest->size, std::move(digest->sha256)});
  }
  return files;
}

// Writes beside the file that it is to become, and is gone unless it becomes it.
class Output {
 public:
  explicit Output(fs::path target) : target_(std::move(target)) {
    const auto name = std::string(".").append(target_.filename().string()).append(".").append(random_hex_id());
    path_ = target_.parent_path() / name;
  }
  ~Output() {
    std::error_code ignored;
    if (file_) fs::remove(path_, ignored);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Result<> begin() {
    file_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file_) return failed(std::generic_category().message(errno));
    handle_.reset(archive_write_new());
    // Weights hardly become smaller at higher levels, only slower. Without its time gzip gives the same bytes again.
    const bool begun =
        handle_ && archive_write_set_format_pax_restricted(handle_.get()) == ARCHIVE_OK &&
        archive_write_add_filter_gzip(handle_.get()) == ARCHIVE_OK &&
        archive_write_set_options(handle_.get(), "gzip:!timestamp,gzip:compression-level=1") == ARCHIVE_OK &&
        archive_write_open_fd(handle_.get(), file_.get()) == ARCHIVE_OK;
    return begun ? Result<>() : failed();
  }

  Result<> begin_entry(const std::string& path, std::uint64_t size) {
    const ArchiveEntry entry(archive_entry_new());
    archive_entry_copy_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    archive_entry_set_mtime(entry.get(), 0, 0);
    return archive_write_header(handle_.get(), entry.get()) == ARCHIVE_OK ? Result<>() : failed();
  }

  Result<> write(std::string_view bytes) {
    const auto written = archive_write_data(handle_.get(), bytes.data(), bytes.size());
    return written == static_cast<la_ssize_t>(bytes.size()) ? Result<>() : failed();
  }

  Result<> finish() {
    if (archive_write_close(handle_.get()) != ARCHIVE_OK) return failed();
    if (::fsync(file_.get()) != 0 || ::rename(path_.c_str(), target_.c_str()) != 0) {
      return failed(std::generic_category().message(errno));
    }
    file_.reset();
    return {};
  }

 private:
  tl::unexpected<Error> failed() const { return failed(handle_ ? archive_error(handle_.get()) : "no memory"); }
  tl::unexpected<Error> failed(const std::string& why) const {
    return failure(Code::unavailable, target_.string() + " cannot be written: " + why);
  }

  fs::path target_;
  fs::path path_;
  UniqueFd file_;         // open until the file is what it was to become
  ArchiveWriter handle_;  // closes before its file
};

Result<> write_file(Output& output, const fs::path& folder, const PackedFile& file) {
  const auto changed = [&] { return bad(file.path, "it changed while it was packed"); };
  if (auto begun = output.begin_entry(file.path, file.size); !begun) return begun;
  std::ifstream in(folder / file.path, std::ios::binary);
  std::vector<char> block(kBlockBytes);
  Sha256 hash;
  std::uint64_t size = 0;
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const std::string_view bytes(block.data(), static_cast<std::size_t>(in.gcount()));
    size += bytes.size();
    if (size > file.size) return changed();
    hash.update(bytes);
    if (auto written = output.write(bytes); !written) return written;
  }
  if (size != file.size || hash.hex() != file.sha256) return changed();
  return {};
}

Result<> write_archive(const fs::path& folder, const Manifest& manifest, const fs::path& out) {
  const Utf8Names names;
  Output output(out);
  if (auto begun = output.begin(); !begun) return begun;
  const auto json = to_json(manifest);
  if (auto begun = output.begin_entry(std::string(kManifestName), json.size()); !begun) return begun;
  if (auto written = output.write(json); !written) return written;
  for (const auto& file : manifest.files) {
    if (auto written = write_file(output, folder, file); !written) return written;
  }
  return output.finish();
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  const auto relative = fs::weakly_canonical(path, error).lexically_relative(fs::weakly_canonical(folder, error));
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

Result<Manifest> pack(const fs::path& folder, Manifest identity, const fs::path& out) {
  std::error_code error;
  const auto target = fs::absolute(out, error);
  if (lies_in(target, folder))
    return failure(Code::invalid_argument, out.string() + " lies in the folder to be packed");
  auto files = digests_below(folder);
  if (!files) return failure(std::move(files).error());
  identity.files = *std::move(files);
  // What cannot be unpacked is not packed.
  const auto json = to_json(identity);
  if (const auto sound = parse_manifest(json); !sound) return failure(sound.error());
  if (json.size() > kMaxManifestBytes)
    return failure(Code::too_large, "there are too many files in " + folder.string());
  if (auto written = write_archive(folder, identity, target); !written) return failure(std::move(written).error());
  return identity;
}

std::string archive_name(const Manifest& manifest) { return manifest.name + "-" + manifest.version + ".berth.tar.gz"; }

}  // namespace berth::packages
