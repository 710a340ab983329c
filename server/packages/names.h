// SPDX-License-Identifier: Apache-2.0
// What packages, their versions and their files may be called.
#pragma once

#include <string>
#include <string_view>

namespace berth::packages {

// [a-z0-9][a-z0-9_.-]*, at most 64 characters. [any]
bool is_good_name(std::string_view name);

// A good name that begins with a digit: what does not is no version, and is left alone. [any]
bool is_good_version(std::string_view version);

// What is wrong with `path` as that of a file in a package ("" = nothing): it must be relative, UTF-8 without control
// characters, and lead nowhere but down. [any]
std::string path_problem(std::string_view path);

// `bytes` in quotes for people: what is no printable ASCII as \xNN, and only the beginning of what is very long. [any]
std::string printable(std::string_view bytes);

}  // namespace berth::packages
