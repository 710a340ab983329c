// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/learning.h"

#include <berth/error.h>
#include <gmock/gmock.h>

#include "support/temp_folder.h"
#include "tabular_classifier/network.h"

namespace berth::tabular {
namespace {

const bool kGoOn = true;

// 200 rows of two features, of which the first tells the label, nearly always.
Dataset easy_table() {
  Dataset dataset{2, {}, {}};
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const auto label = i % 2;
    dataset.features.push_back(label * 2 + random.uniform() * 3);
    dataset.features.push_back(random.uniform());
    dataset.labels.push_back(label);
  }
  return dataset;
}

// A label that no line through the plane tells: the features have the same sign, or not.
Dataset crossed_table() {
  Dataset dataset{2, {}, {}};
  Random random(1);
  for (int i = 0; i < 400; ++i) {
    const auto x = random.uniform() * 2 - 1;
    const auto y = random.uniform() * 2 - 1;
    dataset.features.insert(dataset.features.end(), {x, y});
    dataset.labels.push_back((x > 0) == (y > 0) ? 1 : 0);
  }
  return dataset;
}

Learnt learn_all(const Dataset& dataset, const LearningOptions& options) {
  return learn(dataset, options, [](double, const Json&) { return kGoOn; });
}

TEST(Learning, TellsWhatATableTells) {
  const auto learnt = learn_all(easy_table(), {});
  ASSERT_NE(learnt.model, nullptr);
  EXPECT_GT(learnt.measured["auc"].get<double>(), 0.9);
  EXPECT_GT(learnt.measured["accuracy"].get<double>(), 0.8);
  EXPECT_EQ(learnt.measured["auc_of_folds"].size(), 5U);
  EXPECT_EQ(learnt.measured["rows"], 200);
}

TEST(Learning, ANetworkLearnsWhatALineCannot) {
  LearningOptions options;
  options.folds = 0;
  options.trainer.learning_rate = 0.03;
  EXPECT_LT(learn_all(crossed_table(), options).measured["auc"].get<double>(), 0.75);
  options.trainer.hidden = {16, 8};
  EXPECT_GT(learn_all(crossed_table(), options).measured["auc"].get<double>(), 0.95);
}

TEST(Learning, IsTheSameUnderOneSeed) {
  LearningOptions options;
  options.trainer.hidden = {8};
  options.trainer.epochs = 20;
  const auto table = easy_table();
  const auto first = learn_all(table, options);
  const auto second = learn_all(table, options);
  EXPECT_EQ(first.measured, second.measured);
  EXPECT_EQ(first.probabilities, second.probabilities);
  options.trainer.seed = 2;
  EXPECT_NE(learn_all(table, options).probabilities, first.probabilities);
}

TEST(Learning, StopsEarlyAndKeepsTheBestEpoch) {
  LearningOptions options;
  options.folds = 0;
  options.trainer.epochs = 5000;
  options.trainer.patience = 5;
  options.trainer.learning_rate = 0.1;
  const auto learnt = learn_all(easy_table(), options);
  EXPECT_LT(learnt.model->epochs(), 5000);
  EXPECT_EQ(learnt.model->best().number, learnt.model->epochs() - 5);
}

TEST(Learning, EndsWhenItIsAskedTo) {
  int told = 0;
  double last = 0;
  const auto learnt = learn(easy_table(), {}, [&](double fraction, const Json& details) {
    EXPECT_GT(fraction, last);
    EXPECT_LE(fraction, 1);
    EXPECT_TRUE(details.contains("auc") && details.contains("accuracy"));
    last = fraction;
    return ++told < 3;
  });
  EXPECT_EQ(learnt.model, nullptr);
  EXPECT_EQ(told, 3);
}

TEST(Learning, RefusesATableThatIsTooSmallAndNumbersThatRunAway) {
  const Dataset small{1, {1, 2, 3, 4}, {0, 0, 0, 1}};
  EXPECT_THROW(learn_all(small, {}), Error);
  auto table = easy_table();
  LearningOptions options;
  options.trainer.learning_rate = 10;
  options.trainer.hidden = {64, 64, 64};
  options.trainer.patience = 0;
  try {
    learn_all(table, options);  // may get away with it
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), 422);
  }
}

TEST(Learning, WritesANetworkThatAnswersAsItself) {
  const test::TempFolder folder;
  LearningOptions options;
  options.folds = 0;
  options.trainer.hidden = {8};
  const auto table = easy_table();
  const auto learnt = learn_all(table, options);
  learnt.model->save(folder / "model.pt");
  Network network(folder / "model.pt", 2, false);
  auto rows = table.features;
  for (std::size_t i = 0; i < table.rows(); ++i) prepare(std::span(rows).subspan(2 * i, 2), learnt.preparation);
  const auto probabilities = network.probabilities(rows);
  ASSERT_EQ(probabilities.size(), learnt.probabilities.size());
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    EXPECT_NEAR(probabilities[i], learnt.probabilities[i], 1e-12);
  }
  EXPECT_THROW(Network(folder / "model.pt", 3, false), std::runtime_error);
  EXPECT_THROW(Network(folder.write("text.pt", "no network"), 2, false), std::runtime_error);
}

}  // namespace
}  // namespace berth::tabular
