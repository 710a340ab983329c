// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/package_writer.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace berth::tabular {
namespace {

std::string scalar(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string key_text(const std::string& key) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !key.empty() && std::ranges::all_of(key, is_plain) ? key : scalar(Json(key));
}

bool is_flat(const Json& value) { return !value.is_structured() || value.empty(); }

// A mapping or list whose members are flat fits on a line of its own.
bool fits_on_a_line(const Json& value) {
  constexpr std::size_t kMaxBytes = 100;
  return is_flat(value) || (std::ranges::all_of(value, is_flat) && scalar(value).size() <= kMaxBytes);
}

std::string line_of(const Json& value) {
  if (is_flat(value)) return scalar(value);
  std::string text;
  for (const auto& [key, member] : value.items()) {
    text.append(text.empty() ? "" : ", ").append(value.is_object() ? key_text(key) + ": " : "").append(scalar(member));
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

void write_block(const Json& value, std::size_t indent, std::string& yaml) {
  for (const auto& [key, member] : value.items()) {
    yaml.append(indent, ' ').append(value.is_object() ? key_text(key) + ":" : "-");
    if (fits_on_a_line(member)) {
      yaml.append(" ").append(line_of(member)).append("\n");
    } else {
      yaml.append("\n");
      write_block(member, indent + 2, yaml);
    }
  }
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

// What a client would send for that row of the table.
Json arguments_of(const Dataset& dataset, std::size_t row, const Schema& schema) {
  auto args = Json::object();
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const auto value = dataset.features[row * schema.size() + i];
    if (std::isnan(value)) continue;
    args[schema[i].name] = schema[i].type == ColumnType::boolean ? Json(value == 1) : Json(value);
  }
  return args;
}

}  // namespace

Json self_test_of(const Dataset& dataset, const Schema& schema, std::span<const double> probabilities,
                  double threshold) {
  auto cases = Json::array();
  for (const int label : {1, 0}) {
    std::optional<std::size_t> surest;
    for (std::size_t row = 0; row < dataset.rows(); ++row) {
      const auto probability = probabilities[row];
      if (dataset.labels[row] != label || (probability > threshold) != (label == 1)) continue;
      const bool is_surer =
          !surest || (label == 1 ? probability > probabilities[*surest] : probability < probabilities[*surest]);
      if (is_surer) surest = row;
    }
    if (!surest) continue;
    cases.push_back({{"name", "the row of label " + std::to_string(label) + " that is told most surely"},
                     {"args", arguments_of(dataset, *surest, schema)},
                     {"expect", {{"label", label}, {"probability", probabilities[*surest]}}}});
  }
  return cases;
}

std::string to_yaml(const Json& mapping) {
  std::string yaml;
  write_block(mapping, 0, yaml);
  return yaml;
}

void write_package(const std::filesystem::path& folder, const Json& before, const Schema& schema,
                   const Preparation& preparation, const std::string& target, const Json& measured,
                   const Json& self_test) {
  Json config = {{"plugin", before.value("plugin", "tabular_classifier")}};
  if (before.contains("type")) config["type"] = before["type"];
  config["metadata"] = before.value("metadata", Json::object());
  config["metadata"].update(measured);
  config["model"] = "model.pt";
  config["output"] = "probability";
  config["target"] = target;
  for (const auto* key : {"threshold", "serving"}) {
    if (before.contains(key)) config[key] = before[key];
  }
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const auto& column = preparation[i];
    if (column.fill) config["imputation"][schema[i].name] = *column.fill;
    config["standardisation"][schema[i].name] = {{"mean", column.mean}, {"std", column.deviation}};
  }
  if (!self_test.empty()) config["self_test"] = self_test;
  write_file(folder / "input_schema.json", to_json(schema).dump(1) + "\n");
  write_file(folder / "model.yaml",
             "# Written by the training of a table model. What each key means: docs/models.md.\n" + to_yaml(config));
}

}  // namespace berth::tabular
