// SPDX-License-Identifier: Apache-2.0
#include "vision/ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "support/temp_folder.h"

namespace berth::vision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<std::size_t> indices(const std::vector<Ranked>& ranked) {
  std::vector<std::size_t> found;
  for (const auto& one : ranked) found.push_back(one.index);
  return found;
}

TEST(Softmax, SumsToOneWithoutOverflow) {
  std::vector<float> values = {1000, 999, -1000};
  softmax(values);
  EXPECT_NEAR(values[0], 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0), 1, 1e-6);
  EXPECT_EQ(values[2], 0);
}

TEST(Softmax, DoesNotHideThatAValueIsNotANumber) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> values = {1, bad, 2};
    softmax(values);
    EXPECT_TRUE(std::isnan(values[1]));
  }
}

TEST(TopK, GivesTheMostProbableFirstAndEqualsInOrder) {
  const std::vector<float> probabilities = {0.1F, 0.4F, 0.1F, 0.4F};
  EXPECT_THAT(indices(top_k(probabilities, 3, 0)), ElementsAre(1, 3, 0));
  EXPECT_THAT(indices(top_k(probabilities, 100, 0)), ElementsAre(1, 3, 0, 2));
  EXPECT_FLOAT_EQ(top_k(probabilities, 1, 0).front().probability, 0.4F);
}

TEST(TopK, LeavesOutWhatIsBelowTheThreshold) {
  const std::vector<float> probabilities = {0.1F, 0.5F, 0.4F};
  EXPECT_THAT(indices(top_k(probabilities, 3, 0.4F)), ElementsAre(1, 2));
  EXPECT_TRUE(top_k(probabilities, 3, 0.6F).empty());
  EXPECT_TRUE(top_k(probabilities, 0, 0).empty());
  EXPECT_TRUE(top_k({}, 5, 0).empty());
}

TEST(ReadLabels, TakesOneALine) {
  const test::TempFolder folder;
  EXPECT_THAT(read_labels(folder.write("labels", "cat\r\nhot dog \n\xC3\xA9\n\n\n")),
              ElementsAre("cat", "hot dog", "\xC3\xA9"));
}

TEST(ReadLabels, RefusesAnEmptyLineAmongThem) {
  const test::TempFolder folder;
  const auto file = folder.write("labels", "cat\n\ndog\n");
  EXPECT_THAT([&] { read_labels(file); }, ThrowsMessage<std::runtime_error>(HasSubstr("labels:2: an empty label")));
  EXPECT_THAT([&] { read_labels(folder / "none"); }, ThrowsMessage<std::runtime_error>(HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace berth::vision
