// SPDX-License-Identifier: Apache-2.0
// What tells whether files are still the ones they were, without reading them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace berth::hosting {

// A line with the file's path, device, inode, size and times of content and status: any change to its bytes shows.
// None where it is no regular file that can be looked at.
std::optional<std::string> file_identity(const std::filesystem::path& file);

// Those of all files below a folder, at most kMaxFiles of them, symlinks followed.
std::string tree_identity(const std::filesystem::path& folder);

}  // namespace berth::hosting
