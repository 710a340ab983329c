// SPDX-License-Identifier: Apache-2.0
// A new plugin's project, made from the SDK's template.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::cli {

// [a-z0-9][a-z0-9_-]*, at most 64 characters: what a plugin may be called.
bool is_plugin_name(std::string_view name);

// "my_model-2" → "MyModel2"; "3d" → "Model3d".
std::string class_name(std::string_view name);

// Copies the template's files, with @NAME@ and @CLASS@ replaced in texts and file names, into `folder`, which must be
// absent or empty (conflict). Nothing is left behind where it fails.
Result<> write_project(const std::filesystem::path& template_dir, const std::filesystem::path& folder,
                       const std::string& name);

}  // namespace berth::cli
