// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_project.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

namespace berth::cli {
namespace {

namespace fs = std::filesystem;

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string filled(std::string text, const std::string& name) {
  replace_all(text, "@NAME@", name);
  replace_all(text, "@CLASS@", class_name(name));
  return text;
}

// Throws what the file system throws; the caller turns it into an error and cleans up.
void copy_filled(const fs::path& from, const fs::path& to, const std::string& name) {
  std::ifstream in(from, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  fs::create_directories(to.parent_path());
  std::ofstream out(to, std::ios::binary);
  out << filled(text.str(), name);
  if (!in || !out.flush()) throw fs::filesystem_error("cannot write", to, std::make_error_code(std::errc::io_error));
  fs::permissions(to, fs::status(from).permissions());
}

}  // namespace

bool is_plugin_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 64 && plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

std::string class_name(std::string_view name) {
  std::string result;
  bool capital = true;
  for (const char c : name) {
    if (c == '_' || c == '-') {
      capital = true;
      continue;
    }
    result += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    capital = false;
  }
  return result.empty() || (result.front() >= '0' && result.front() <= '9') ? "Model" + result : result;
}

Result<> write_project(const fs::path& template_dir, const fs::path& folder, const std::string& name) {
  std::error_code error;
  const bool existed = fs::exists(folder, error);
  if (existed && !fs::is_empty(folder, error)) return failure(Code::conflict, folder.string() + " exists already");
  try {
    for (const auto& entry : fs::recursive_directory_iterator(template_dir)) {
      if (!entry.is_regular_file()) continue;
      const auto relative = filled(fs::relative(entry.path(), template_dir).string(), name);
      copy_filled(entry.path(), folder / relative, name);
    }
  } catch (const fs::filesystem_error& failed) {
    if (!existed) fs::remove_all(folder, error);
    return failure(Code::unavailable, failed.what());
  }
  return {};
}

}  // namespace berth::cli
