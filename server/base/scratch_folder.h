// SPDX-License-Identifier: Apache-2.0
// ScratchFolder: a folder of one process's own in the system's temporary one, removed with it.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth {

class ScratchFolder {
 public:
  // A new, empty one below `parent` ("": the system's temporary folder). Those that killed processes of the same user
  // left there are removed first. unavailable: none can be made. [any, blocks]
  static Result<std::unique_ptr<ScratchFolder>> create(std::filesystem::path parent = {});
  // Removes it with all that is in it. [any, blocks]
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  // The folder, locked for as long as somebody uses it: the kernel lets go of a killed process's lock, and what ages
  // temporary files out leaves a locked folder alone.
  UniqueFd lock_;
};

}  // namespace berth
