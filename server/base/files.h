// SPDX-License-Identifier: Apache-2.0
// Files: whole files, read within a bound and written so that nobody finds half of one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth {

// What a regular file holds, no more than `max_bytes`. Fails with "<name>: <reason>", where `name` is what whoever
// reads the message calls the file; "": its path. not_found: there is none; too_large; unavailable: it cannot be read,
// or is a folder, a pipe, a device. [any, blocks]
Result<std::string> read_file(const std::filesystem::path& file, std::uint64_t max_bytes, std::string_view name = {});

struct WriteOptions {
  mode_t mode = 0644;   // of the file, less the process's mask
  bool durable = true;  // on disk when it returns, its name in the folder too; else a power cut may lose it
};

// Puts `bytes` in the place of what `file` held, if anything. Whoever reads it, after a crash too, finds the one or the
// other, whole. It is first written to "<file>.new", so one at a time may write it; a link of that name is not
// followed. unavailable, with the file and the reason: `file` is as it was, or, where only its folder could not be put
// on disk, new. [any, blocks]
Result<> replace_file(const std::filesystem::path& file, std::string_view bytes, const WriteOptions& options = {});

// Puts on disk that something of this name was made in its folder, or removed from it. False: see errno. [any, blocks]
bool sync_folder_of(const std::filesystem::path& path);

}  // namespace berth
