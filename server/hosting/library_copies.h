// SPDX-License-Identifier: Apache-2.0
// LibraryCopies: private copies of plugins' files. Workers map these, so that an original may be overwritten in place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace berth::hosting {

// What a library names of the system, where it names nothing else.
struct SystemLibraries {
  std::vector<std::filesystem::path> files;
  std::string fingerprint;  // differs where one of them does, or the system has others now
};

// A library as it was at one moment, with those that it needs from folders named by $ORIGIN, each under its own path
// below a folder of the copy's own: what is relative to $ORIGIN stays so. Its last owner removes it.
class LibraryCopy {
 public:
  // `libraries`: as elf::library_places() says of the original.
  LibraryCopy(std::filesystem::path folder, std::filesystem::path path, std::string fingerprint,
              std::vector<std::filesystem::path> libraries, SystemLibraries system_libraries)
      : folder_(std::move(folder)),
        path_(std::move(path)),
        fingerprint_(std::move(fingerprint)),
        libraries_(std::move(libraries)),
        system_libraries_(std::move(system_libraries)) {}
  ~LibraryCopy();
  LibraryCopy(const LibraryCopy&) = delete;
  LibraryCopy& operator=(const LibraryCopy&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& folder() const { return folder_; }  // of all its files
  // What must be readable besides, so that it can be loaded: files, and folders of libraries.
  const std::vector<std::filesystem::path>& libraries() const { return libraries_; }
  const SystemLibraries& system_libraries() const { return system_libraries_; }
  // Differs where any of its files does: their identities, sizes and times.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
  std::string fingerprint_;
  std::vector<std::filesystem::path> libraries_;
  SystemLibraries system_libraries_;
};

class LibraryCopies {
 public:
  // Copies are made below `folder`, which need not exist yet.
  explicit LibraryCopies(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The same copy for as long as somebody has it and nothing was changed. invalid_argument, unavailable: it cannot be
  // read, or was changed meanwhile. [any, blocks]
  Result<std::shared_ptr<const LibraryCopy>> take(const std::filesystem::path& library);

 private:
  const std::filesystem::path folder_;
  Mutex mutex_;
  std::map<std::filesystem::path, std::weak_ptr<const LibraryCopy>> known_ BERTH_GUARDED_BY(mutex_);
  std::size_t next_ BERTH_GUARDED_BY(mutex_) = 1;
};

}  // namespace berth::hosting
