// SPDX-License-Identifier: Apache-2.0
#include "config/installation.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <system_error>

namespace berth::config {
namespace {

namespace fs = std::filesystem;

fs::path first_existing(std::initializer_list<fs::path> candidates) {
  std::error_code ignored;
  for (const auto& candidate : candidates) {
    if (fs::exists(candidate, ignored)) return candidate;
  }
  return {};
}

// lib/berth/plugins, lib64/berth/plugins, and lib/<multiarch>/berth/plugins of a Debian package.
std::vector<fs::path> find_plugins_dirs(const fs::path& prefix) {
  std::vector<fs::path> found;
  std::error_code ignored;
  const auto add = [&](const fs::path& folder) {
    if (fs::is_directory(folder, ignored)) found.push_back(folder);
  };
  add(prefix / "plugins");  // a build tree
  add(prefix / "lib/berth/plugins");
  add(prefix / "lib64/berth/plugins");
  if (found.empty()) {
    for (const auto& entry : fs::directory_iterator(prefix / "lib", ignored)) add(entry.path() / "berth/plugins");
    std::ranges::sort(found);
  }
  return found;
}

}  // namespace

fs::path default_state_dir() {
  const auto value = [](const char* name) {
    const char* text = std::getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  if (const auto given = value("STATE_DIRECTORY"); !given.empty()) return given.substr(0, given.find(':'));
  if (const auto state = value("XDG_STATE_HOME"); state.starts_with('/')) return fs::path(state) / "berth";
  if (const auto home = value("HOME"); home.starts_with('/')) return fs::path(home) / ".local/state/berth";
  return "/var/lib/berth";
}

Installation find_installation(const fs::path& program) {
  std::error_code ignored;
  Installation result;
  result.program = fs::canonical(program, ignored);
  if (result.program.empty()) return result;
  const auto folder = result.program.parent_path();
  const auto prefix = folder.parent_path();
  result.worker = first_existing({folder / "berth-worker", prefix / "libexec/berth/berth-worker"});
  result.share_dir = first_existing({prefix / "share/berth"});
  result.models_dir = first_existing({prefix / "share/berth/models"});
  result.template_dir = first_existing({prefix / "share/berth/template"});
  result.plugins_dirs = find_plugins_dirs(prefix);
  return result;
}

}  // namespace berth::config
