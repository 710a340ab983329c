// SPDX-License-Identifier: Apache-2.0
// Unpacking: a package's folder made of one file, which is taken to be hostile.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "packages/manifest.h"

namespace berth::packages {

// Beyond these an archive is refused before anything of it is written.
struct UnpackLimits {
  std::uint64_t max_total_bytes = std::uint64_t{64} << 30;  // all files together
  std::uint64_t max_file_bytes = std::uint64_t{64} << 30;   // one file
  std::uint64_t max_files = 10'000;
  std::uint64_t max_ratio = 200;  // the files together, in sizes of the archive; what is below 1 MiB is not asked
};

struct Unpacked {
  Manifest manifest;
  std::filesystem::path folder;  // models_dir/<name>/<version>
};

// Makes models_dir/<name>/<version>/ of what pack() wrote. The folder is written under a hidden name and then renamed,
// so that it appears whole, to a directory watch too; nothing is left where it fails. Blocks.
// invalid_argument: the archive is damaged, cut short, or holds anything but the files of its manifest, each once, with
// the size and the digest that it names; the message names the entry. too_large: a limit. conflict: the version exists;
// a version never changes. not_found: there is no such archive or models_dir. unavailable: the disk does not take it.
// [any]
Result<Unpacked> unpack(const std::filesystem::path& archive, const std::filesystem::path& models_dir,
                        const UnpackLimits& limits = {});

}  // namespace berth::packages
