// SPDX-License-Identifier: Apache-2.0
// File: what a library or program says of itself and of the libraries it needs, read without running it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/image.h"

namespace berth::elf {

struct File {
  std::vector<std::string> needed;  // names of the libraries it needs (DT_NEEDED)
  std::vector<std::string>
      search_paths;          // DT_RUNPATH, DT_RPATH where there is none, split at ':'; $ORIGIN as it stands
  bool has_runpath = false;  // whether they are a DT_RUNPATH: that one is not for what its libraries need
  std::string soname;        // "" = none
  std::string build_id;      // hexadecimal, of the GNU note; "" = none

  // invalid_argument: it is no whole library or program of this machine; the message says what it is instead, and what
  // to do. The file may be hostile. [any, blocks]
  static Result<File> read(const std::filesystem::path& path);
  static File read(const Image& image);
};

}  // namespace berth::elf
