// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/learning.h"

#include <berth/error.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace berth::tabular {
namespace {

constexpr int kUnprocessable = 422;
constexpr double kShownDigits = 1e4;

double shown(double value) { return std::round(value * kShownDigits) / kShownDigits; }

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Samples samples_of(const Dataset& dataset, const std::vector<std::size_t>& rows, const Preparation& preparation) {
  Samples samples;
  samples.features.reserve(rows.size() * dataset.columns);
  for (const auto index : rows) {
    const auto first = dataset.features.begin() + static_cast<std::ptrdiff_t>(index * dataset.columns);
    std::vector<double> row(first, first + static_cast<std::ptrdiff_t>(dataset.columns));
    // What nothing fills was refused with its line before; the trainer's files have none left.
    if (prepare(row, preparation)) throw Error(kUnprocessable, "a value is missing, and imputation is none");
    samples.features.insert(samples.features.end(), row.begin(), row.end());
    samples.labels.push_back(dataset.labels[index]);
  }
  return samples;
}

class Learning {
 public:
  Learning(const Dataset& dataset, const LearningOptions& options, const OnProgress& on_progress)
      : dataset_(dataset), options_(options), on_progress_(on_progress), random_(options.trainer.seed) {}

  Learnt run() {
    std::vector<std::size_t> all(dataset_.rows());
    std::iota(all.begin(), all.end(), std::size_t{0});
    check_size();
    Learnt learnt;
    learnt.measured = {{"rows", dataset_.rows()}, {"positive_rows", std::ranges::count(dataset_.labels, 1.0)}};
    if (options_.folds > 0 && !cross_validate(all, learnt.measured)) return {};
    learnt.model = fit_on(all, "training", learnt.preparation);
    if (!learnt.model) return {};
    learnt.probabilities = learnt.model->probabilities(samples_of(dataset_, all, learnt.preparation).features);
    const auto best = learnt.model->best();
    learnt.measured["validation"] = {{"rows", validation_rows_},
                                     {"loss", shown(best.validation_loss)},
                                     {"auc", shown(best.validation_auc)},
                                     {"accuracy", shown(best.validation_accuracy)}};
    if (options_.folds == 0) {
      learnt.measured["auc"] = shown(best.validation_auc);
      learnt.measured["accuracy"] = shown(best.validation_accuracy);
      learnt.measured["measured_by"] = "the validation rows, which also chose the epoch";
    }
    learnt.measured["epochs"] = learnt.model->epochs();
    learnt.measured["best_epoch"] = best.number;
    return learnt;
  }

 private:
  // Each label needs a row in every part: one to train on, one to stop by, one to hold out.
  void check_size() const {
    const auto positive = static_cast<std::size_t>(std::ranges::count(dataset_.labels, 1.0));
    const auto rarer = std::min(positive, dataset_.rows() - positive);
    const auto needed = options_.folds > 0 ? std::max<std::size_t>(options_.folds, 4) : 2;
    if (rarer >= needed) return;
    throw Error(kUnprocessable, "the table has " + std::to_string(rarer) + " row(s) of the rarer label, and " +
                                    std::to_string(needed) + " are needed" +
                                    (options_.folds > 0 ? " for so many folds" : ""));
  }

  // False: it was stopped.
  bool cross_validate(const std::vector<std::size_t>& all, Json& measured) {
    std::vector<double> areas;
    std::vector<double> accuracies;
    for (const auto& fold : folds(dataset_, all, options_.folds, random_)) {
      Preparation preparation;
      const auto name = "fold " + std::to_string(areas.size() + 1) + " of " + std::to_string(options_.folds);
      const auto model = fit_on(fold.training, name, preparation);
      if (!model) return false;
      const auto held_out = samples_of(dataset_, fold.held_out, preparation);
      const auto scores = model->probabilities(held_out.features);
      areas.push_back(shown(area_under_curve(scores, held_out.labels)));
      accuracies.push_back(accuracy(scores, held_out.labels));
    }
    measured["auc"] = shown(mean_of(areas));
    measured["accuracy"] = shown(mean_of(accuracies));
    measured["measured_by"] = std::to_string(options_.folds) + "-fold cross-validation";
    measured["auc_of_folds"] = areas;
    return true;
  }

  std::unique_ptr<Trained> fit_on(const std::vector<std::size_t>& rows, const std::string& phase,
                                  Preparation& preparation) {
    const auto parts = split(dataset_, rows, options_.validation_split, random_);
    validation_rows_ = parts.held_out.size();
    preparation = fit(dataset_.features, dataset_.columns, parts.training, options_.imputation);
    const auto training = samples_of(dataset_, parts.training, preparation);
    const auto validation = samples_of(dataset_, parts.held_out, preparation);
    auto model = train(training, validation, options_.trainer, [&](const Epoch& epoch) { return tell(phase, epoch); });
    ++fits_;
    return model;
  }

  bool tell(const std::string& phase, const Epoch& epoch) const {
    const auto epochs = static_cast<double>(options_.trainer.epochs);
    const auto done = static_cast<double>(fits_) + static_cast<double>(epoch.number) / epochs;
    return on_progress_(done / static_cast<double>(options_.folds + 1),
                        {{"phase", phase},
                         {"epoch", epoch.number},
                         {"loss", shown(epoch.loss)},
                         {"validation_loss", shown(epoch.validation_loss)},
                         {"auc", shown(epoch.validation_auc)},
                         {"accuracy", shown(epoch.validation_accuracy)}});
  }

  const Dataset& dataset_;
  const LearningOptions& options_;
  const OnProgress& on_progress_;
  Random random_;
  std::size_t validation_rows_ = 0;
  std::size_t fits_ = 0;
};

}  // namespace

Learnt learn(const Dataset& dataset, const LearningOptions& options, const OnProgress& on_progress) {
  return Learning(dataset, options, on_progress).run();
}

}  // namespace berth::tabular
