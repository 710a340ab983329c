// SPDX-License-Identifier: Apache-2.0
// Dataset: rows of numbers and what is known of each, to learn from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tabular_classifier/csv.h"
#include "tabular_classifier/schema.h"

namespace berth::tabular {

struct Dataset {
  std::size_t columns = 0;
  std::vector<double> features;  // row after row; NaN where a value is missing
  std::vector<double> labels;    // 0 or 1, one a row

  std::size_t rows() const { return labels.size(); }
};

// The columns of the schema, and the target: a boolean. Other columns are ignored. Throws CsvError that names line and
// column where one is not there, or holds what cannot be read; also where the target is missing, or always the same, or
// a feature is missing that may not be (`may_miss`).
Dataset read_dataset(const Csv& csv, const Schema& schema, const std::string& target, bool may_miss);

// Rows for training, and rows to look at what came of it.
struct Split {
  std::vector<std::size_t> training;
  std::vector<std::size_t> held_out;
};

// Numbers that depend on the seed alone, on any machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();  // any of 64 bits
  double uniform();      // [0, 1)
  std::size_t below(std::size_t end);
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::uint64_t state_;
};

// `rows` divided in `parts` that hold each label in the same share, as far as that goes; each part is held out once.
std::vector<Split> folds(const Dataset& dataset, std::vector<std::size_t> rows, std::size_t parts, Random& random);

// That share of each label is held out, at least one row of each.
Split split(const Dataset& dataset, std::vector<std::size_t> rows, double share, Random& random);

// The probability that a row of label 1 is given a higher score than one of label 0; 0.5 where there are not both.
double area_under_curve(std::span<const double> scores, std::span<const double> labels);
// The share of rows on whose right side of one half the score is.
double accuracy(std::span<const double> scores, std::span<const double> labels);

}  // namespace berth::tabular
