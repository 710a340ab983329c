// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/preparation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace berth::tabular {
namespace {

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

ColumnPreparation fit_column(std::vector<double> known, std::size_t missing, Imputation imputation) {
  ColumnPreparation column;
  if (imputation == Imputation::mean) column.fill = mean_of(known);
  if (imputation == Imputation::median) column.fill = median_of(known);
  known.insert(known.end(), missing, column.fill.value_or(0));
  column.mean = mean_of(known);
  double squares = 0;
  for (const auto value : known) squares += (value - column.mean) * (value - column.mean);
  const auto deviation = known.empty() ? 0 : std::sqrt(squares / static_cast<double>(known.size()));
  column.deviation = deviation > 0 && std::isfinite(deviation) ? deviation : 1;
  return column;
}

}  // namespace

std::optional<std::size_t> prepare(std::span<double> row, const Preparation& preparation) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& column = preparation[i];
    if (std::isnan(row[i])) {
      if (!column.fill) return i;
      row[i] = *column.fill;
    }
    row[i] = (row[i] - column.mean) / column.deviation;
  }
  return std::nullopt;
}

Preparation fit(std::span<const double> table, std::size_t columns, std::span<const std::size_t> rows,
                Imputation imputation) {
  Preparation preparation;
  for (std::size_t column = 0; column < columns; ++column) {
    std::vector<double> known;
    for (const auto row : rows) {
      const auto value = table[row * columns + column];
      if (!std::isnan(value)) known.push_back(value);
    }
    const auto missing = rows.size() - known.size();
    preparation.push_back(fit_column(std::move(known), missing, imputation));
  }
  return preparation;
}

}  // namespace berth::tabular
