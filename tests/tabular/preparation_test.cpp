// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/preparation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace berth::tabular {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

TEST(Preparation, FillsAndStandardises) {
  const Preparation preparation = {{.fill = 10, .mean = 4, .deviation = 2}, {}};
  std::vector<double> row = {kMissing, 7};
  EXPECT_FALSE(prepare(row, preparation));
  EXPECT_EQ(row, (std::vector<double>{3, 7}));
}

TEST(Preparation, NamesWhatIsMissingAndNothingFills) {
  const Preparation preparation = {{.fill = 10}, {}};
  std::vector<double> row = {kMissing, kMissing};
  EXPECT_EQ(prepare(row, preparation), 1U);
}

TEST(Preparation, IsFittedToTheGivenRowsAlone) {
  const std::vector<double> table = {1, 5, 3, 5, kMissing, 5, 1000, 5, 8, 5};
  const std::vector<std::size_t> rows = {0, 1, 2, 4};
  const auto median = fit(table, 2, rows, Imputation::median);
  EXPECT_EQ(median[0].fill, 3);
  EXPECT_DOUBLE_EQ(median[0].mean, (1 + 3 + 3 + 8) / 4.0);
  EXPECT_EQ(median[1].deviation, 1);  // always the same: only shifted
  EXPECT_EQ(median[1].mean, 5);
  EXPECT_EQ(fit(table, 2, rows, Imputation::mean)[0].fill, 4);
  EXPECT_FALSE(fit(table, 2, rows, Imputation::none)[1].fill);
}

}  // namespace
}  // namespace berth::tabular
