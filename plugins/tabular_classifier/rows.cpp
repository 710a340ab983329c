// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/rows.h"

#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>

namespace berth::tabular {
namespace {

constexpr int kBadRequest = 400;

std::string place_of(const Rows& rows) { return rows.is_list ? "rows[" + std::to_string(rows.count) + "]: " : ""; }

// Prepares the last row, which has just been added.
void finish_row(Rows& rows, const PackageConfig& config) {
  const auto columns = config.schema.size();
  const auto row = std::span(rows.values).subspan(rows.count * columns, columns);
  if (const auto missing = prepare(row, config.preparation)) {
    throw Error(kBadRequest, place_of(rows) + config.schema[*missing].name +
                                 " is missing, and the model declares nothing to fill it with");
  }
  ++rows.count;
}

// Whatever holds the values by the columns' names.
template <typename Find>
void add_row(Rows& rows, const PackageConfig& config, Find find) {
  for (const auto& column : config.schema) {
    const Json* value = find(column.name);
    try {
      rows.values.push_back(value == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                             : number_of(*value, column.type));
    } catch (const std::invalid_argument& wrong) {
      throw Error(kBadRequest, place_of(rows) + column.name + ": " + wrong.what());
    }
  }
  finish_row(rows, config);
}

const Json* member(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

void read_arguments(const Args& args, const PackageConfig& config, Rows& rows) {
  const auto find = [&](const std::string& name) { return args.has(name) ? &args.value(name) : nullptr; };
  rows.is_list = args.has(kRows);
  if (!rows.is_list) return add_row(rows, config, find);
  for (const auto& column : config.schema) {
    if (column.name != kRows && args.has(column.name)) {
      throw Error(kBadRequest, column.name + ": send either the features of one row, or rows");
    }
  }
  const auto& list = args.value(kRows);
  rows.values.reserve(list.size() * config.schema.size());
  for (const auto& row : list) {
    if (!row.is_object()) throw Error(kBadRequest, place_of(rows) + "it has to be an object of features");
    add_row(rows, config, [&](const std::string& name) { return member(row, name); });
  }
}

void read_tensor(const Tensor& tensor, const PackageConfig& config, Rows& rows) {
  rows.is_list = true;
  const auto values = tensor.values<float>();
  const auto columns = config.schema.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& column = config.schema[i % columns];
    const bool is_truth = values[i] == 0 || values[i] == 1;
    if (std::isinf(values[i]) || (column.type == ColumnType::boolean && !std::isnan(values[i]) && !is_truth)) {
      throw Error(kBadRequest, place_of(rows) + column.name + ": " +
                                   (std::isinf(values[i]) ? "it is infinite" : "it is neither 0 nor 1"));
    }
    rows.values.push_back(values[i]);
    if ((i + 1) % columns == 0) finish_row(rows, config);
  }
}

template <typename Read>
Rows read_rows(Read read) {
  Rows rows;
  try {
    read(rows);
  } catch (const Error& error) {
    rows = {};
    rows.error = error;
  }
  return rows;
}

}  // namespace

Rows rows_of_arguments(const Args& args, const PackageConfig& config) {
  return read_rows([&](Rows& rows) { read_arguments(args, config, rows); });
}

Rows rows_of_tensor(const Tensor& tensor, const PackageConfig& config) {
  return read_rows([&](Rows& rows) { read_tensor(tensor, config, rows); });
}

}  // namespace berth::tabular
