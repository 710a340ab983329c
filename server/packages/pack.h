// SPDX-License-Identifier: Apache-2.0
// Packing: one file of a package, the same bytes for the same package.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "packages/manifest.h"

namespace berth::packages {

// Writes the files of `folder` into the archive `out` (tar, gzip), behind a manifest that says whose they are:
// `identity`, whose `files` are not looked at. Returns the manifest that was written. `out` appears when it is whole,
// and replaces a file of its name; nothing is left where it fails. Empty folders, times, owners and modes are not kept;
// a manifest in `folder` is replaced by the new one. Blocks. invalid_argument: a link, pipe or device in `folder`, a
// name that no package could have, `out` inside `folder`, a file that changes meanwhile. unavailable: the disk does not
// take it. [any]
Result<Manifest> pack(const std::filesystem::path& folder, Manifest identity, const std::filesystem::path& out);

// "digits-1.berth.tar.gz"
std::string archive_name(const Manifest& manifest);

}  // namespace berth::packages
