// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/trainer.h"

// First: clang, in C++20, needs IValue complete before the headers that merely declare it.
#include <ATen/core/ivalue.h>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <berth/error.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <string>
#include <utility>

#include "tabular_classifier/dataset.h"

namespace berth::tabular {
namespace {

constexpr int kUnprocessable = 422;

struct Layer {
  at::Tensor weight;  // (outputs, inputs)
  at::Tensor bias;
};
using Layers = std::vector<Layer>;

at::Tensor tensor_of(const std::vector<double>& values, std::int64_t columns) {
  return at::from_blob(const_cast<double*>(values.data()),
                       {static_cast<std::int64_t>(values.size()) / columns, columns}, at::kDouble)
      .clone();
}

// Uniform within 1 / sqrt(inputs), as PyTorch's own layers begin.
at::Tensor initial(const std::vector<std::int64_t>& shape, std::int64_t inputs, Random& random) {
  auto made = at::empty(shape, at::kDouble);
  const auto bound = 1 / std::sqrt(static_cast<double>(inputs));
  auto* values = made.data_ptr<double>();
  for (std::int64_t i = 0; i < made.numel(); ++i) values[i] = (2 * random.uniform() - 1) * bound;
  return made.requires_grad_(true);
}

Layers make_layers(std::int64_t columns, std::vector<std::int64_t> sizes, Random& random) {
  sizes.push_back(1);
  Layers layers;
  for (const auto size : sizes) {
    auto weight = initial({size, columns}, columns, random);
    layers.push_back({std::move(weight), initial({size}, columns, random)});
    columns = size;
  }
  return layers;
}

Layers copy_of(const Layers& layers) {
  Layers copies;
  for (const auto& layer : layers) copies.push_back({layer.weight.detach().clone(), layer.bias.detach().clone()});
  return copies;
}

// (N, 1) logits.
at::Tensor forward(const Layers& layers, at::Tensor rows) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    rows = at::linear(rows, layers[i].weight, layers[i].bias);
    if (i + 1 < layers.size()) rows = at::relu(rows);
  }
  return rows;
}

std::vector<double> values_of(const at::Tensor& tensor) {
  const auto whole = tensor.detach().contiguous();
  return {whole.data_ptr<double>(), whole.data_ptr<double>() + whole.numel()};
}

class TrainedLayers final : public Trained {
 public:
  TrainedLayers(Layers layers, Epoch best, std::int64_t epochs)
      : layers_(std::move(layers)), best_(best), epochs_(epochs) {}

  std::vector<double> probabilities(std::span<const double> features) const override {
    const at::NoGradGuard no_gradients;
    const std::vector<double> rows(features.begin(), features.end());
    return values_of(at::sigmoid(forward(layers_, tensor_of(rows, layers_.front().weight.size(1)))));
  }
  Epoch best() const override { return best_; }
  std::int64_t epochs() const override { return epochs_; }

  void save(const std::filesystem::path& file) const override {
    torch::jit::Module module("TabularClassifier");
    std::string code = "def forward(self, rows: Tensor) -> Tensor:\n";
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto number = std::to_string(i);
      module.register_parameter("weight" + number, layers_[i].weight, false);
      module.register_parameter("bias" + number, layers_[i].bias, false);
      code.append("    rows = torch.linear(rows, self.weight").append(number);
      code.append(", self.bias").append(number).append(")\n");
      if (i + 1 < layers_.size()) code += "    rows = torch.relu(rows)\n";
    }
    module.define(code + "    return torch.sigmoid(rows)\n");
    module.save(file.string());
  }

 private:
  Layers layers_;
  Epoch best_;
  std::int64_t epochs_;
};

class Training {
 public:
  Training(const Samples& training, const Samples& validation, const TrainerOptions& options)
      : options_(options),
        validation_labels_(validation.labels),
        columns_(static_cast<std::int64_t>(training.features.size() / training.labels.size())),
        random_(options.seed),
        features_(tensor_of(training.features, columns_)),
        labels_(tensor_of(training.labels, 1)),
        validation_features_(tensor_of(validation.features, columns_)),
        validation_targets_(tensor_of(validation.labels, 1)),
        layers_(make_layers(columns_, options.hidden, random_)),
        optimizer_(parameters(), torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay)),
        order_(training.labels.size()) {
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
  }

  std::unique_ptr<Trained> run(const std::function<bool(const Epoch&)>& on_epoch) {
    Epoch best;
    Layers best_layers;
    Epoch epoch;
    while (epoch.number < options_.epochs) {
      ++epoch.number;
      epoch.loss = learn();
      look(epoch);
      if (!std::isfinite(epoch.loss) || !std::isfinite(epoch.validation_loss)) {
        throw Error(kUnprocessable,
                    "the training ran away in epoch " + std::to_string(epoch.number) + ": a lower learning_rate helps");
      }
      if (best_layers.empty() || epoch.validation_loss < best.validation_loss) {
        best = epoch;
        best_layers = copy_of(layers_);
      }
      if (!on_epoch(epoch)) return nullptr;
      if (options_.patience > 0 && epoch.number - best.number >= options_.patience) break;
    }
    return std::make_unique<TrainedLayers>(std::move(best_layers), best, epoch.number);
  }

 private:
  std::vector<at::Tensor> parameters() const {
    std::vector<at::Tensor> all;
    for (const auto& layer : layers_) all.insert(all.end(), {layer.weight, layer.bias});
    return all;
  }

  static at::Tensor loss_of(const at::Tensor& logits, const at::Tensor& targets) {
    return at::binary_cross_entropy_with_logits(logits, targets);
  }

  // One look at each row, in random order; returns the mean loss.
  double learn() {
    random_.shuffle(order_);
    const auto order = at::from_blob(order_.data(), {static_cast<std::int64_t>(order_.size())}, at::kLong);
    double sum = 0;
    for (std::int64_t first = 0; first < order.size(0); first += options_.batch_size) {
      const auto count = std::min(options_.batch_size, order.size(0) - first);
      const auto rows = order.narrow(0, first, count);
      optimizer_.zero_grad();
      const auto loss = loss_of(forward(layers_, features_.index_select(0, rows)), labels_.index_select(0, rows));
      loss.backward();
      optimizer_.step();
      sum += loss.item<double>() * static_cast<double>(count);
    }
    return sum / static_cast<double>(order.size(0));
  }

  void look(Epoch& epoch) const {
    const at::NoGradGuard no_gradients;
    const auto logits = forward(layers_, validation_features_);
    epoch.validation_loss = loss_of(logits, validation_targets_).item<double>();
    if (!std::isfinite(epoch.validation_loss)) return;
    const auto scores = values_of(at::sigmoid(logits));
    epoch.validation_auc = area_under_curve(scores, validation_labels_);
    epoch.validation_accuracy = accuracy(scores, validation_labels_);
  }

  const TrainerOptions& options_;
  const std::vector<double>& validation_labels_;
  const std::int64_t columns_;
  Random random_;
  const at::Tensor features_;
  const at::Tensor labels_;
  const at::Tensor validation_features_;
  const at::Tensor validation_targets_;
  Layers layers_;
  torch::optim::AdamW optimizer_;
  std::vector<std::int64_t> order_;
};

}  // namespace

std::unique_ptr<Trained> train(const Samples& training, const Samples& validation, const TrainerOptions& options,
                               const std::function<bool(const Epoch&)>& on_epoch) {
  // OpenMP's own setting wins, it is how the host divides the cores; without one, a worker takes one core.
  if (std::getenv("OMP_NUM_THREADS") == nullptr) at::set_num_threads(1);
  return Training(training, validation, options).run(on_epoch);
}

}  // namespace berth::tabular
