// SPDX-License-Identifier: Apache-2.0
// Preflight: whether a plugin's library can be loaded, found out without running a line of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace berth::elf {

// All that keeps the file from being loaded by `worker_program`, read without running a line of it: whether it is a
// shared library, for this architecture, whole, with the entry symbol and a supported ABI version; libraries, symbols
// and versions that it needs and that are not here, looked for as the loader would. Each line ends with the advice that
// fixes it; none: it loads as far as files tell. One with LibTorch and OpenCV takes about 15 ms, a twentieth of what
// the loader takes: so it is done for each that is found, not on demand. [any, blocks]
std::vector<std::string> find_problems(const std::filesystem::path& library,
                                       const std::filesystem::path& worker_program);
// The same for a server that has `abi_version` instead of this one's.
std::vector<std::string> find_problems(const std::filesystem::path& library,
                                       const std::filesystem::path& worker_program, std::uint32_t abi_version);

// invalid_argument: find_problems has some; the message is all of them in one line.
Result<> preflight(const std::filesystem::path& library, const std::filesystem::path& worker_program);

}  // namespace berth::elf
