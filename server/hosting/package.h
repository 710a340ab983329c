// SPDX-License-Identifier: Apache-2.0
// Package: a folder models/<name>/<version>/ as its model.yaml describes it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "hosting/model.h"

namespace berth::hosting {

struct Package {
  std::filesystem::path folder;
  std::string plugin;       // the library's name
  std::string type;         // "" = its only one
  std::string config_json;  // the whole file, as an object
};

// Reads `folder`/model.yaml, applies its `serving:` block to `serving`, and checks the files whose digests it or the
// package's manifest names: all their bytes are read. invalid_argument names the line, the key and what it should be,
// or the file.
Result<Package> read_package(const std::filesystem::path& folder, ServingOptions& serving);

// One YAML document as JSON: plain scalars become null, true, false or numbers where they are such in YAML's core
// schema, everything else text.
Result<std::string> yaml_to_json(std::string_view yaml);

// [a-z0-9][a-z0-9_.-]*, at most 64 characters.
bool is_good_name(std::string_view name);

// Whether `left` is a lower version than `right`: runs of digits by value, the rest by letters ("2" < "10" < "10-rc").
bool version_less(std::string_view left, std::string_view right);

}  // namespace berth::hosting
