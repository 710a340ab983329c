// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace berth::tabular {
namespace {

std::size_t column_of(const Csv& csv, const std::string& name) {
  const auto found = std::ranges::find(csv.header, name);
  if (found == csv.header.end()) throw CsvError("line 1: there is no column '" + name + "'");
  return static_cast<std::size_t>(found - csv.header.begin());
}

double read_cell(const Csv& csv, const Csv::Line& line, std::size_t column, ColumnType type, bool may_miss) {
  const auto fail = [&](const char* why) {
    return CsvError("line " + std::to_string(line.number) + ", column '" + csv.header[column] + "': " + why);
  };
  try {
    const auto value = number_of(std::string_view(line.cells[column]), type);
    if (std::isnan(value) && !may_miss) throw fail("it is missing");
    return value;
  } catch (const std::invalid_argument& wrong) {
    throw fail(wrong.what());
  }
}

// Rows of label 0, and of label 1, each in random order.
std::array<std::vector<std::size_t>, 2> by_label(const Dataset& dataset, std::vector<std::size_t> rows,
                                                 Random& random) {
  random.shuffle(rows);
  std::array<std::vector<std::size_t>, 2> labels;
  for (const auto row : rows) labels[dataset.labels[row] == 1 ? 1 : 0].push_back(row);
  return labels;
}

}  // namespace

Dataset read_dataset(const Csv& csv, const Schema& schema, const std::string& target, bool may_miss) {
  std::vector<std::size_t> places;
  for (const auto& column : schema) {
    if (column.name == target) throw CsvError("'" + target + "' cannot be both a feature and the target");
    places.push_back(column_of(csv, column.name));
  }
  const auto target_place = column_of(csv, target);
  Dataset dataset{schema.size(), {}, {}};
  for (const auto& line : csv.lines) {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      dataset.features.push_back(read_cell(csv, line, places[i], schema[i].type, may_miss));
    }
    dataset.labels.push_back(read_cell(csv, line, target_place, ColumnType::boolean, false));
  }
  const auto positive = std::ranges::count(dataset.labels, 1.0);
  if (positive == 0 || static_cast<std::size_t>(positive) == dataset.rows()) {
    throw CsvError("column '" + target + "': it holds not both of 0 and 1, so there is nothing to tell apart");
  }
  return dataset;
}

// SplitMix64: the standard library's generators are the same everywhere, its distributions are not.
std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15U;
  auto mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31U);
}

double Random::uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

std::size_t Random::below(std::size_t end) { return static_cast<std::size_t>(next() % end); }

std::vector<Split> folds(const Dataset& dataset, std::vector<std::size_t> rows, std::size_t parts, Random& random) {
  std::vector<Split> result(parts);
  std::size_t next = 0;
  for (const auto& of_label : by_label(dataset, std::move(rows), random)) {
    for (const auto row : of_label) {
      for (std::size_t part = 0; part < parts; ++part) {
        (part == next % parts ? result[part].held_out : result[part].training).push_back(row);
      }
      ++next;
    }
  }
  return result;
}

Split split(const Dataset& dataset, std::vector<std::size_t> rows, double share, Random& random) {
  Split result;
  for (const auto& of_label : by_label(dataset, std::move(rows), random)) {
    const auto wanted = static_cast<std::size_t>(std::lround(share * static_cast<double>(of_label.size())));
    const auto held_out = std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(of_label.size(), 1));
    for (std::size_t i = 0; i < of_label.size(); ++i) {
      (i < held_out ? result.held_out : result.training).push_back(of_label[i]);
    }
  }
  return result;
}

double area_under_curve(std::span<const double> scores, std::span<const double> labels) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
  double ranks = 0;  // of label 1; equal scores share theirs
  double positives = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    auto end = begin;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const auto rank = static_cast<double>(begin + end + 1) / 2;
    for (; begin < end; ++begin) {
      ranks += labels[order[begin]] * rank;
      positives += labels[order[begin]];
    }
  }
  const auto negatives = static_cast<double>(scores.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

double accuracy(std::span<const double> scores, std::span<const double> labels) {
  double right = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) right += (scores[i] > 0.5) == (labels[i] == 1) ? 1 : 0;
  return scores.empty() ? 0 : right / static_cast<double>(scores.size());
}

}  // namespace berth::tabular
