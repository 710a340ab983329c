// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

namespace berth::tabular {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMaxShown = 40;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("input_schema.json: " + what); }

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

[[noreturn]] void refuse(std::string_view shown, ColumnType type) {
  std::string text = "'";
  text.append(shown.substr(0, kMaxShown)).append(shown.size() > kMaxShown ? "…' " : "' ");
  throw std::invalid_argument(text + (type == ColumnType::boolean ? "is neither true nor false" : "is no number"));
}

double checked(double value, std::string_view shown, ColumnType type) {
  if (type == ColumnType::boolean ? value != 0 && value != 1 : !std::isfinite(static_cast<float>(value))) {
    refuse(shown, type);
  }
  return value;
}

double number_of_text(std::string_view text, ColumnType type) {
  const auto plain = trimmed(text);
  if (type == ColumnType::boolean) {
    const auto word = lower(plain);
    if (word == "true") return 1;
    if (word == "false") return 0;
  }
  double value = 0;
  const auto* end = plain.data() + plain.size();
  const auto read = std::from_chars(plain.data() + (plain.starts_with('+') ? 1 : 0), end, value);
  if (plain.empty() || read.ec != std::errc() || read.ptr != end) refuse(text, type);
  return checked(value, text, type);
}

Column read_column(const Json& json, std::size_t index) {
  const auto where = "columns[" + std::to_string(index) + "] ";
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string() ||
      json["name"].get_ref<const std::string&>().empty()) {
    fail(where + "needs a name");
  }
  Column column{json["name"].get<std::string>()};
  const auto type = json.value("type", Json());
  if (type == "boolean") {
    column.type = ColumnType::boolean;
  } else if (type != "numeric") {
    fail(where + "(" + column.name + "): type has to be numeric or boolean");
  }
  return column;
}

}  // namespace

Schema read_schema(const Json& json) {
  const auto* columns = json.is_object() && json.contains("input_schema") && json["input_schema"].is_object() &&
                                json["input_schema"].contains("columns")
                            ? &json["input_schema"]["columns"]
                            : nullptr;
  if (columns == nullptr || !columns->is_array() || columns->empty()) fail("it has no list input_schema.columns");
  Schema schema;
  std::set<std::string> names;
  for (std::size_t i = 0; i < columns->size(); ++i) {
    schema.push_back(read_column((*columns)[i], i));
    if (!names.insert(schema.back().name).second) fail("two columns are named " + schema.back().name);
  }
  return schema;
}

Json to_json(const Schema& schema) {
  auto columns = Json::array();
  for (const auto& column : schema) {
    columns.push_back({{"name", column.name}, {"type", column.type == ColumnType::boolean ? "boolean" : "numeric"}});
  }
  return {{"input_schema", {{"columns", std::move(columns)}}}};
}

double number_of(const Json& value, ColumnType type) {
  if (value.is_null()) return kMissing;
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_string()) return number_of_text(value.get_ref<const std::string&>(), type);
  const auto shown = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (!value.is_number()) refuse(shown, type);
  return checked(value.get<double>(), shown, type);
}

double number_of(std::string_view cell, ColumnType type) {
  constexpr std::array<std::string_view, 4> kNothing = {"", "na", "nan", "null"};
  const auto word = lower(trimmed(cell).substr(0, 5));
  return std::ranges::find(kNothing, word) != kNothing.end() ? kMissing : number_of_text(cell, type);
}

}  // namespace berth::tabular
