// SPDX-License-Identifier: Apache-2.0
#include "hosting/library_copies.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "elf/file.h"
#include "elf/library_places.h"
#include "elf/library_search.h"
#include "hosting/file_identity.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 256;  // that one plugin brings along

struct Original {
  fs::path path;  // absolute
  std::string identity;
};

// "$ORIGIN/../lib" of a library in /a/b: /a/lib. Empty where the folder is not relative to the library.
fs::path folder_from_origin(const std::string& search_path, const fs::path& origin) {
  for (const std::string_view name : {"$ORIGIN", "${ORIGIN}"}) {
    if (search_path.starts_with(name)) {
      return (origin.string() + search_path.substr(name.size())).append("/");
    }
  }
  return {};
}

void add_companions(const Original& library, std::vector<fs::path>& files) {
  const auto file = elf::File::read(library.path);
  if (!file) return;  // the preflight says what is wrong with it
  for (const auto& search_path : file->search_paths) {
    const auto folder = folder_from_origin(search_path, library.path.parent_path());
    if (folder.empty()) continue;
    for (const auto& needed : file->needed) {
      const auto candidate = (folder / needed).lexically_normal();
      std::error_code error;
      if (fs::is_regular_file(candidate, error) && std::ranges::find(files, candidate) == files.end()) {
        files.push_back(candidate);
      }
    }
  }
}

// The library first, then all that it needs from beside it.
Result<std::vector<Original>> collect(const fs::path& library) {
  std::vector<fs::path> files{library};
  std::vector<Original> originals;
  for (std::size_t i = 0; i < files.size() && i < kMaxFiles; ++i) {
    auto identity = file_identity(files[i]);
    if (!identity) return failure(Code::unavailable, "it cannot be read: " + files[i].string());
    originals.push_back({files[i], std::move(*identity)});
    add_companions(originals.back(), files);
  }
  return originals;
}

std::string fingerprint_of(const std::vector<Original>& originals) {
  std::string fingerprint;
  for (const auto& original : originals) fingerprint += original.identity;
  return fingerprint;
}

SystemLibraries system_libraries_of(const fs::path& library) {
  SystemLibraries libraries{elf::system_libraries(library), {}};
  if (libraries.files.empty()) return libraries;
  libraries.fingerprint = file_identity(elf::kLoaderCache).value_or("");
  for (const auto& file : libraries.files) libraries.fingerprint += file_identity(file).value_or("");
  return libraries;
}

Result<> copy(const std::vector<Original>& originals, const fs::path& folder) {
  for (const auto& original : originals) {
    const auto target = folder / original.path.relative_path();
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (!error) fs::copy_file(original.path, target, error);
    if (error) {
      return failure(Code::unavailable,
                     "cannot copy " + original.path.string() + " to " + target.string() + ": " + error.message());
    }
    // Nobody writes to it, and it need not be executable to be mapped so.
    fs::permissions(target, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read, error);
    if (file_identity(original.path) != original.identity) {
      return failure(Code::unavailable, original.path.string() + " was changed while it was read");
    }
  }
  return {};
}

}  // namespace

LibraryCopy::~LibraryCopy() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  fs::remove(folder_.parent_path(), ignored);  // where it was the last
}

Result<std::shared_ptr<const LibraryCopy>> LibraryCopies::take(const fs::path& library) {
  std::error_code error;
  const auto absolute = fs::absolute(library, error).lexically_normal();
  const auto originals = collect(absolute);
  if (!originals) return tl::unexpected<Error>(originals.error());
  auto fingerprint = fingerprint_of(*originals);
  fs::path folder;
  {
    const Lock lock(mutex_);
    std::erase_if(known_, [](const auto& item) { return item.second.expired(); });
    if (const auto found = known_.find(absolute); found != known_.end()) {
      if (auto known = found->second.lock(); known != nullptr && known->fingerprint() == fingerprint) return known;
    }
    folder = folder_ / std::to_string(next_++);
  }
  auto made = std::make_shared<const LibraryCopy>(folder, folder / absolute.relative_path(), std::move(fingerprint),
                                                  elf::library_places(absolute), system_libraries_of(absolute));
  if (auto copied = copy(*originals, folder); !copied) return failure(copied.error());
  const Lock lock(mutex_);
  known_.insert_or_assign(absolute, made);
  return made;
}

}  // namespace berth::hosting
