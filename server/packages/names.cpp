// SPDX-License-Identifier: Apache-2.0
#include "packages/names.h"

#include <algorithm>

#include "base/text.h"

namespace berth::packages {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxPathBytes = 1024;
constexpr std::size_t kMaxComponentBytes = 255;  // Linux's NAME_MAX
constexpr std::size_t kMaxShownBytes = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string component_problem(std::string_view component) {
  if (component.empty()) return "its path has an empty part";
  if (component == "." || component == "..") return "its path has a part \"" + std::string(component) + '"';
  if (component.size() > kMaxComponentBytes) return "its path has a part of more than 255 bytes";
  return "";
}

}  // namespace

bool is_good_name(std::string_view name) {
  const auto good = [](char c) { return is_digit(c) || is_small(c) || c == '_' || c == '.' || c == '-'; };
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, good) &&
         (is_digit(name.front()) || is_small(name.front()));
}

bool is_good_version(std::string_view version) { return is_good_name(version) && is_digit(version.front()); }

std::string path_problem(std::string_view path) {
  if (path.empty()) return "it has no path";
  if (path.size() > kMaxPathBytes) return "its path is longer than 1024 bytes";
  if (!is_utf8(path)) return "its path is not UTF-8";
  if (std::ranges::any_of(path, is_control)) return "its path has a control character";
  if (path.front() == '/') return "its path is absolute";
  while (true) {
    const auto slash = path.find('/');
    if (auto problem = component_problem(path.substr(0, slash)); !problem.empty()) return problem;
    if (slash == path.npos) return "";
    path.remove_prefix(slash + 1);
  }
}

std::string printable(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes.substr(0, kMaxShownBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text.append("\\x").append(to_hex({&c, 1}));
    }
  }
  return text.append(bytes.size() > kMaxShownBytes ? "…\"" : "\"");
}

}  // namespace berth::packages
