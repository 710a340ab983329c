// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/dataset.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace berth::tabular {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const Schema kSchema = {{"age", ColumnType::numeric}, {"sex", ColumnType::boolean}};

Dataset read(std::string_view text, bool may_miss = true) {
  return read_dataset(read_csv(text), kSchema, "died", may_miss);
}

std::vector<std::size_t> all_rows(const Dataset& dataset) {
  std::vector<std::size_t> rows(dataset.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

// 20 rows of label 0, then 10 of label 1.
Dataset thirty_rows() {
  Dataset dataset{1, {}, {}};
  for (int i = 0; i < 30; ++i) {
    dataset.features.push_back(i);
    dataset.labels.push_back(i < 20 ? 0 : 1);
  }
  return dataset;
}

TEST(Dataset, TakesTheSchemasColumnsWhereverTheyAre) {
  const auto dataset = read("died,name,sex,age\n1,x,true,70\n0,y,0,\n");
  EXPECT_EQ(dataset.columns, 2U);
  EXPECT_EQ(dataset.labels, (std::vector<double>{1, 0}));
  EXPECT_EQ(dataset.features[0], 70);
  EXPECT_EQ(dataset.features[1], 1);
  EXPECT_TRUE(std::isnan(dataset.features[2]));
}

TEST(Dataset, NamesLineAndColumnOfWhatItCannotRead) {
  const auto reading = [](const char* text, bool may_miss = true) { return [=] { read(text, may_miss); }; };
  EXPECT_THAT(reading("age,died\n1,1\n"), ThrowsMessage<CsvError>(HasSubstr("line 1: there is no column 'sex'")));
  EXPECT_THAT(reading("age,sex\n1,1\n"), ThrowsMessage<CsvError>(HasSubstr("line 1: there is no column 'died'")));
  EXPECT_THAT(reading("age,sex,died\n70,1,1\nold,1,0\n"),
              ThrowsMessage<CsvError>(HasSubstr("line 3, column 'age': 'old' is no number")));
  EXPECT_THAT(reading("age,sex,died\n70,2,1\n"),
              ThrowsMessage<CsvError>(HasSubstr("line 2, column 'sex': '2' is neither true nor false")));
  EXPECT_THAT(reading("age,sex,died\n70,1,\n"),
              ThrowsMessage<CsvError>(HasSubstr("line 2, column 'died': it is missing")));
  EXPECT_THAT(reading("age,sex,died\n,1,1\n", false),
              ThrowsMessage<CsvError>(HasSubstr("line 2, column 'age': it is missing")));
  EXPECT_THAT(reading("age,sex,died\n70,1,1\n"), ThrowsMessage<CsvError>(HasSubstr("column 'died'")));
}

TEST(Dataset, FoldsHoldEachRowOutOnceAndKeepTheLabelsShares) {
  const auto dataset = thirty_rows();
  Random random(7);
  std::vector<std::size_t> held_out;
  for (const auto& fold : folds(dataset, all_rows(dataset), 5, random)) {
    EXPECT_EQ(fold.held_out.size(), 6U);
    EXPECT_EQ(fold.training.size(), 24U);
    EXPECT_EQ(std::ranges::count_if(fold.held_out, [](std::size_t row) { return row >= 20; }), 2);
    held_out.insert(held_out.end(), fold.held_out.begin(), fold.held_out.end());
  }
  std::ranges::sort(held_out);
  EXPECT_EQ(held_out, all_rows(dataset));
}

TEST(Dataset, ASplitDependsOnTheSeedAlone) {
  const auto dataset = thirty_rows();
  const auto held_out = [&](std::uint64_t seed) {
    Random random(seed);
    return split(dataset, all_rows(dataset), 0.2, random).held_out;
  };
  EXPECT_EQ(held_out(3), held_out(3));
  EXPECT_NE(held_out(3), held_out(4));
  EXPECT_EQ(held_out(3).size(), 6U);
}

TEST(Dataset, MeasuresTheAreaUnderTheCurve) {
  const std::vector<double> labels = {0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{.1, .2, .3, .4}, labels), 1);
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{.4, .3, .2, .1}, labels), 0);
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{.1, .4, .35, .8}, labels), 0.75);
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{.5, .5, .5, .5}, labels), 0.5);
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{.1, .2}, std::vector<double>{1, 1}), 0.5);
  EXPECT_DOUBLE_EQ(accuracy(std::vector<double>{.1, .6, .4, .9}, labels), 0.5);
}

}  // namespace
}  // namespace berth::tabular
