// SPDX-License-Identifier: Apache-2.0
// What would keep a program from opening a library: libraries that are missing, versions that are too new, symbols that
// nobody defines.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace berth::elf {

// Each problem is one line that ends with the advice that fixes it; none: the loader will find all that it looks for.
// Searches as the loader would with this LD_LIBRARY_PATH, and runs nothing. In doubt (a file that cannot be read, a
// library that needs hundreds of others) it says nothing. [any, blocks]
std::vector<std::string> link_problems(const std::filesystem::path& library, const std::filesystem::path& program,
                                       std::string_view library_path);

}  // namespace berth::elf
