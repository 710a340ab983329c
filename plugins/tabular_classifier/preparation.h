// SPDX-License-Identifier: Apache-2.0
// Preparation: what turns a row's numbers into what the network takes: missing ones filled, then all standardised.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tabular_classifier/schema.h"

namespace berth::tabular {

// A column's: what stands for a missing value (nothing: it must not be missing), then (value - mean) / deviation.
struct ColumnPreparation {
  std::optional<double> fill = {};
  double mean = 0;
  double deviation = 1;
};

using Preparation = std::vector<ColumnPreparation>;  // in the order of the schema

enum class Imputation { none, mean, median };

// In place. Returns the index of the first column whose value is missing and that nothing fills; the row is then
// useless.
std::optional<std::size_t> prepare(std::span<double> row, const Preparation& preparation);

// What the given rows of a table of that many columns say. A column whose values are all missing is filled with 0, one
// that has a single value is only shifted.
Preparation fit(std::span<const double> table, std::size_t columns, std::span<const std::size_t> rows,
                Imputation imputation);

}  // namespace berth::tabular
