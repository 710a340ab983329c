// SPDX-License-Identifier: Apache-2.0
// Learning: from a table to a trained model, and how good it is on rows that it has not seen.
#pragma once

#include <berth/json.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tabular_classifier/dataset.h"
#include "tabular_classifier/preparation.h"
#include "tabular_classifier/trainer.h"

namespace berth::tabular {

struct LearningOptions {
  TrainerOptions trainer;
  Imputation imputation = Imputation::median;
  double validation_split = 0.2;
  std::size_t folds = 5;  // of the cross-validation; 0: none
};

struct Learnt {
  std::unique_ptr<Trained> model;
  Preparation preparation;
  std::vector<double> probabilities;  // of the model, for each row of the table
  Json measured;                      // rows, auc, accuracy, …: for the answer, and for the package's metadata
};

// How far it is, 0 to 1, and what is worth telling; returns whether to go on.
using OnProgress = std::function<bool(double fraction, const Json& details)>;

// Imputation and standardisation are always those of the rows that are trained on. The cross-validation holds each
// fold out once, and takes the rows that stop a training early from the others. `model` is null where on_progress did
// not want to go on. Throws Error (422) for a table that is too small, and as train().
Learnt learn(const Dataset& dataset, const LearningOptions& options, const OnProgress& on_progress);

}  // namespace berth::tabular
