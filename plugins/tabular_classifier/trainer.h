// SPDX-License-Identifier: Apache-2.0
// Trainer: fits a logistic regression or a small network to prepared rows, and writes it as TorchScript.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace berth::tabular {

// Row after row, standardised, nothing missing; labels are 0 or 1.
struct Samples {
  std::vector<double> features;
  std::vector<double> labels;
};

struct TrainerOptions {
  std::vector<std::int64_t> hidden = {};  // sizes of the hidden layers; none: a logistic regression
  std::int64_t epochs = 200;
  std::int64_t batch_size = 32;
  double learning_rate = 0.01;
  double weight_decay = 0.01;  // AdamW's
  std::int64_t patience = 20;  // epochs without a better validation loss, then it stops; 0: it does not
  std::uint64_t seed = 1;
};

struct Epoch {
  std::int64_t number = 0;  // from 1
  double loss = 0;          // of the training rows, as it went
  double validation_loss = 0;
  double validation_auc = 0;
  double validation_accuracy = 0;
};

// What was learnt up to the best epoch.
class Trained {
 public:
  virtual ~Trained() = default;
  virtual std::vector<double> probabilities(std::span<const double> features) const = 0;
  virtual Epoch best() const = 0;
  virtual std::int64_t epochs() const = 0;  // how many there were
  // TorchScript that takes (N, columns) and gives (N, 1), probabilities. Throws std::runtime_error.
  virtual void save(const std::filesystem::path& file) const = 0;
};

// The same bits for the same samples, options and number of threads. `on_epoch` returns whether to go on; where it does
// not, there is no result. Throws Error (422) where the numbers run away.
std::unique_ptr<Trained> train(const Samples& training, const Samples& validation, const TrainerOptions& options,
                               const std::function<bool(const Epoch&)>& on_epoch);

}  // namespace berth::tabular
