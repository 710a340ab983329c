// SPDX-License-Identifier: Apache-2.0
// Installation: where the files that came with the program are, seen from the running program.
#pragma once

#include <filesystem>
#include <vector>

namespace berth::config {

// Paths that do not exist are empty (or left out): a build tree has some of them elsewhere or not at all.
struct Installation {
  std::filesystem::path program;  // this executable
  std::filesystem::path worker;   // berth-worker, beside it or in libexec/berth
  std::filesystem::path models_dir;
  std::vector<std::filesystem::path> plugins_dirs;
  std::filesystem::path template_dir;  // of `berth new`
  std::filesystem::path share_dir;     // share/berth: the API page and the like
};

// Where a server keeps what must outlive it, unless the configuration says where: $STATE_DIRECTORY (systemd's),
// $XDG_STATE_HOME/berth, .local/state/berth in $HOME, or else /var/lib/berth.
std::filesystem::path default_state_dir();

// Looks around `program`; by default the running one.
Installation find_installation(const std::filesystem::path& program = "/proc/self/exe");

}  // namespace berth::config
