// SPDX-License-Identifier: Apache-2.0
// SecretFiles: secrets that a server keeps in files which only its own user may read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::identity {

// What the file holds, less white space at its ends. unavailable: it cannot be read; forbidden: others may read it.
// [any, blocks]
Result<std::string> read_secret(const std::filesystem::path& file);

// Puts the secret, and a line feed, in the file's place, readable by its owner alone. unavailable, with the reason.
// [any, blocks]
Result<> write_secret(const std::filesystem::path& file, std::string_view secret);

// As read_secret; where there is no such file a random secret of 256 bits is made and written first. [any, blocks]
Result<std::string> read_or_make_secret(const std::filesystem::path& file);

}  // namespace berth::identity
