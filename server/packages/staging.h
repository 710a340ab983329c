// SPDX-License-Identifier: Apache-2.0
// Staging: the hidden folder in which a package is written before it appears under its name.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::packages {

// Its name begins with a dot: nothing that looks for models sees it. It is gone with this object, unless published.
class Staging {
 public:
  // For models_dir/name/version. Where models_dir/name is new it is staged whole, so that nobody sees it without its
  // version. conflict: the version is there; not_found: models_dir is not.
  static Result<Staging> create(const std::filesystem::path& models_dir, const std::string& name,
                                const std::string& version);

  Staging(Staging&& other) noexcept;
  Staging& operator=(Staging&&) = delete;
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  // A new file at `path`, which is relative and leads nowhere but down; its folders are made.
  Result<UniqueFd> create_file(const std::string& path) const;

  // The package's files, as far as they are written.
  const std::filesystem::path& inside() const { return inside_; }

  // Renames it into place. conflict: somebody was faster. Returns the package's folder.
  Result<std::filesystem::path> publish();

 private:
  Staging() = default;

  std::filesystem::path root_;    // hidden; "" once it is published
  std::filesystem::path inside_;  // the package's files: root_, or a folder in it
  std::filesystem::path target_;  // what root_ becomes
  std::filesystem::path folder_;  // models_dir/name/version
};

}  // namespace berth::packages
