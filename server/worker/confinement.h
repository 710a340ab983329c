// SPDX-License-Identifier: Apache-2.0
// Confinement: what a worker may touch beside its own memory. The server decides it; the worker does it to itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::worker {

enum class Mode : std::uint8_t {
  off,       // limits only
  on,        // the walls that this kernel has
  required,  // those, and no worker without Landlock and a system call filter
};

struct Confinement {
  Mode mode = Mode::off;
  bool network = false;
  bool processes = false;  // may start processes and programs
  // Files, and folders with all that is below, besides what every worker may use (system_files.h).
  std::vector<std::string> read;
  std::vector<std::string> write;  // and read, make, remove
  // 0: as the server's own.
  std::uint64_t max_data_bytes = 0;  // of memory that it alone writes to
  std::uint64_t max_open_files = 0;
  std::uint64_t max_file_bytes = 0;
  std::uint64_t max_threads = 0;  // enforced by the worker's kernel where it has a user namespace of its own
};

// JSON, for a command line.
std::string to_text(const Confinement& confinement);
Result<Confinement> read_confinement(std::string_view text);

}  // namespace berth::worker
