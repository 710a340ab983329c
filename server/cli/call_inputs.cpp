// SPDX-License-Identifier: Apache-2.0
#include "cli/call_inputs.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace berth::cli {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

bool is_readable_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), R_OK) == 0;
}

}  // namespace

Result<CallInputs> parse_inputs(const std::vector<std::string>& words) {
  CallInputs inputs;
  for (const auto& word : words) {
    const auto equals = word.find('=');
    const bool is_argument = equals != word.npos && is_name(std::string_view(word).substr(0, equals));
    if (is_argument && word.substr(equals + 1, 1) != "@") {
      inputs.values.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      continue;
    }
    const auto field = is_argument ? word.substr(0, equals) : "data";
    const std::filesystem::path path = is_argument ? word.substr(equals + 2) : word;
    if (!is_readable_file(path)) {
      return failure(Code::invalid_argument,
                     path.string() + " is no file that can be read (an argument is NAME=VALUE)");
    }
    inputs.files.emplace_back(field, path);
  }
  return inputs;
}

}  // namespace berth::cli
