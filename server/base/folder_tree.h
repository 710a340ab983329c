// SPDX-License-Identifier: Apache-2.0
// Trees of folders that a stranger wrote: how much they hold, and their removal, whatever their depth, names and modes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"

namespace berth {

struct TreeBounds {
  std::size_t entries = 0;  // files and folders below the folder
  std::size_t depth = 0;    // of folders in folders below it
};

// The space that what lies below `folder` takes, in bytes; links are not followed. None: there is more than `bounds`
// allow, or something that cannot be looked into. What goes away meanwhile is not counted, nor what this process lacks
// the descriptors or the memory to look at. Takes a descriptor a level. [any, blocks for milliseconds]
std::optional<std::uint64_t> bytes_of_tree(const std::filesystem::path& folder, const TreeBounds& bounds);

// Removes `path` with all that is in it; links are not followed, and that it is not there is no failure. Folders that
// may not be read or changed are first made so. Takes no more than five descriptors, and little memory. unavailable,
// with the path and the first reason: something of it is left. [any, blocks]
Result<> remove_tree(const std::filesystem::path& path);
// The same, with a warning in the log where something is left. [any, blocks]
void remove_tree_or_log(const std::filesystem::path& path);

}  // namespace berth
