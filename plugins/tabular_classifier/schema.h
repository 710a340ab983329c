// SPDX-License-Identifier: Apache-2.0
// Schema: the columns that a table model takes, and how a value of a client or of a file becomes a number.
#pragma once

#include <berth/json.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::tabular {

enum class ColumnType { numeric, boolean };

struct Column {
  std::string name;
  ColumnType type = ColumnType::numeric;
};

using Schema = std::vector<Column>;

// {"input_schema":{"columns":[{"name":"age","type":"numeric"},…]}}. Throws std::runtime_error that says what is wrong.
Schema read_schema(const Json& json);
Json to_json(const Schema& schema);

// A value as a client sent it; NaN for null. A number may be a text, a boolean true, false, 0, 1, "0", "1", "true" or
// "false". Throws std::invalid_argument with what it should be, without the column's name.
double number_of(const Json& value, ColumnType type);

// The same of a cell of a file; NaN for an empty one, NA, NaN and null in any case.
double number_of(std::string_view cell, ColumnType type);

}  // namespace berth::tabular
