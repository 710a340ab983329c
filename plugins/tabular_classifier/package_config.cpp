// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/package_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace berth::tabular {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("model.yaml: " + what); }

const Json* find(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

std::string text(const Json& config, const std::string& key, std::string fallback) {
  const auto* value = find(config, key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) fail(key + " has to be a text");
  return value->get<std::string>();
}

double number(const Json& value, const std::string& where) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) fail(where + " has to be a number");
  return value.get<double>();
}

// A slip of the pen would go unnoticed otherwise.
void allow_only(const Json& json, const std::string& where, std::initializer_list<std::string_view> keys) {
  for (const auto& [key, value] : json.items()) {
    if (std::ranges::find(keys, key) == keys.end()) {
      fail(where + key + " is not a key that the tabular classifier knows");
    }
  }
}

Schema read_schema_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto json = Json::parse(bytes, nullptr, false);
  if (json.is_discarded()) throw std::runtime_error(path.filename().string() + " is no JSON");
  return read_schema(json);
}

// The column's place; a mapping of columns must name those of the schema.
std::size_t place_of(const std::string& name, const Schema& schema, const std::string& key) {
  const auto found = std::ranges::find(schema, name, &Column::name);
  if (found == schema.end()) fail(key + "." + name + ": the input schema has no such column");
  return static_cast<std::size_t>(found - schema.begin());
}

Preparation read_preparation(const Json& config, const Schema& schema) {
  Preparation preparation(schema.size());
  for (const auto* key : {"imputation", "standardisation"}) {
    const auto* columns = find(config, key);
    if (columns == nullptr) continue;
    if (!columns->is_object()) fail(std::string(key) + " has to be a mapping of columns");
    for (const auto& [name, value] : columns->items()) {
      auto& column = preparation[place_of(name, schema, key)];
      const auto where = std::string(key) + "." + name;
      if (std::string_view(key) == "imputation") {
        column.fill = number(value, where);
        continue;
      }
      if (!value.is_object()) fail(where + " has to be a mapping with mean and std");
      allow_only(value, where + ".", {"mean", "std"});
      column.mean = number(value.value("mean", Json(0)), where + ".mean");
      column.deviation = number(value.value("std", Json(1)), where + ".std");
      if (column.deviation <= 0) fail(where + ".std has to be more than 0");
    }
  }
  return preparation;
}

// What the package says of itself, whole; the name that it is served under where it gives none.
Metadata read_metadata(const Json& config, const Package& package) {
  Metadata metadata{.name = package.name(), .version = package.version(), .takes_files = false};
  if (const auto* json = find(config, "metadata")) {
    if (!json->is_object()) fail("metadata has to be a mapping");
    metadata.extra = *json;
  }
  return metadata;
}

}  // namespace

PackageConfig read_package_config(const Package& package) {
  const auto& json = package.config();
  allow_only(json, "",
             {"plugin", "type", "serving", "sha256", "self_test", "metadata", "schema", "model", "output", "threshold",
              "target", "imputation", "standardisation"});
  PackageConfig config;
  config.schema = read_schema_file(package.file(text(json, "schema", "input_schema.json")));
  // One that names its network needs it; one that does not may have none yet.
  const auto model = text(json, "model", "");
  if (!model.empty() || std::filesystem::exists(package.path() / "model.pt")) {
    config.model = package.file(model.empty() ? "model.pt" : model);
  }
  const auto output = text(json, "output", "probability");
  if (output != "probability" && output != "logit") fail("output has to be probability or logit");
  config.gives_logits = output == "logit";
  config.threshold = number(json.value("threshold", Json(config.threshold)), "threshold");
  if (config.threshold < 0 || config.threshold > 1) fail("threshold has to be from 0 to 1");
  config.target = text(json, "target", "");
  config.preparation = read_preparation(json, config.schema);
  config.metadata = read_metadata(json, package);
  return config;
}

}  // namespace berth::tabular
