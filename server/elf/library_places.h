// SPDX-License-Identifier: Apache-2.0
// Where the libraries lie that a plugin needs, for a worker that may read nothing else.
#pragma once

#include <filesystem>
#include <vector>

namespace berth::elf {

// Besides those of the system: each file as it really lies, the whole folder where that is one of libraries (lib,
// lib64, or below lib), for some open more of it once they run. Then what LD_LIBRARY_PATH names. [any, blocks]
std::vector<std::filesystem::path> library_places(const std::filesystem::path& library);

// Those that it names itself, in its order, where all of them are the system's and nothing names other places for what
// these need: no DT_RPATH of its own, no LD_LIBRARY_PATH. None otherwise. [any, blocks]
std::vector<std::filesystem::path> system_libraries(const std::filesystem::path& library);

}  // namespace berth::elf
