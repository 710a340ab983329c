// SPDX-License-Identifier: Apache-2.0
// Manifest: what a packed package is, and the size and SHA-256 of each of its files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::packages {

struct PackedFile {
  std::string path;  // relative, parts separated by '/'
  std::uint64_t size = 0;
  std::string sha256;  // 64 small hexadecimal digits
};

struct Manifest {
  std::string name;
  std::string version;
  std::string plugin;  // the library that serves it
  std::string berth;   // the version that packed it
  std::vector<PackedFile> files = {};
};

// The first entry of an archive, and a file of the folder that it becomes.
inline constexpr std::string_view kManifestName = "berth-manifest.json";
inline constexpr std::uint64_t kMaxManifestBytes = 16UL * 1024 * 1024;

// The same text for the same manifest, for people too.
std::string to_json(const Manifest& manifest);

// invalid_argument: it is no manifest, or one that no package could have (bad names, paths that lead out, two files of
// one path, no model.yaml). [any]
Result<Manifest> parse_manifest(std::string_view json);

// The manifest that lies in `folder`; none where there is none. invalid_argument as above. [any]
Result<std::optional<Manifest>> read_manifest(const std::filesystem::path& folder);

}  // namespace berth::packages
