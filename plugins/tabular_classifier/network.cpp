// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/network.h"

// First: clang, in C++20, needs IValue complete before the headers that merely declare it.
#include <ATen/core/ivalue.h>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace berth::tabular {
namespace {

constexpr std::int64_t kMaxRowsAtOnce = 4096;

// A c10::Error's what() carries a C++ stack; what people need is its first line.
std::string first_line(const char* what) {
  const std::string text = what;
  return text.substr(0, text.find('\n'));
}

torch::jit::Module load(const std::filesystem::path& file) {
  try {
    auto module = torch::jit::load(file.string(), at::kCPU);
    if (module.hasattr("training")) module.eval();
    module.to(at::kDouble);
    return module;
  } catch (const c10::Error& error) {
    throw std::runtime_error(file.string() + " cannot be loaded as TorchScript: " + first_line(error.what()));
  }
}

}  // namespace

struct Network::State {
  torch::jit::Module module;
  std::int64_t columns = 0;
  bool gives_logits = false;

  // `rows` is only read.
  void run(const double* rows, std::int64_t count, std::vector<double>& probabilities) {
    const c10::InferenceMode inference;
    const auto input = at::from_blob(const_cast<double*>(rows), {count, columns}, at::kDouble);
    const auto given = module.forward({input});
    if (!given.isTensor()) throw std::runtime_error("it gives " + given.tagKind() + ", not one tensor");
    auto output = given.toTensor().to(at::kDouble).contiguous();
    const bool is_column = output.dim() == 1 || (output.dim() == 2 && output.size(1) == 1);
    if (!is_column || output.size(0) != count) throw std::runtime_error("it does not give one number per row");
    if (gives_logits) output = at::sigmoid(output);
    const auto* values = output.data_ptr<double>();
    probabilities.insert(probabilities.end(), values, values + count);
  }
};

Network::Network(const std::filesystem::path& file, std::size_t columns, bool gives_logits) {
  // OpenMP's own setting wins, it is how the host divides the cores; without one, a worker takes one core.
  if (std::getenv("OMP_NUM_THREADS") == nullptr) at::set_num_threads(1);
  torch::jit::setGraphExecutorOptimize(false);  // else the first calls of each shape take several times as long
  const c10::InferenceMode inference;
  state_ = std::make_unique<State>(State{load(file), static_cast<std::int64_t>(columns), gives_logits});
  try {
    const std::vector<double> zeros(2 * columns, 0.0);
    probabilities(zeros);
  } catch (const std::exception& error) {
    throw std::runtime_error(file.string() + " does not work on rows of " + std::to_string(columns) +
                             " numbers: " + first_line(error.what()));
  }
}

Network::~Network() = default;

std::vector<double> Network::probabilities(std::span<const double> rows) {
  std::vector<double> result;
  const auto columns = state_->columns;
  const auto count = static_cast<std::int64_t>(rows.size()) / columns;
  result.reserve(static_cast<std::size_t>(count));
  for (std::int64_t first = 0; first < count; first += kMaxRowsAtOnce) {
    state_->run(rows.data() + first * columns, std::min(kMaxRowsAtOnce, count - first), result);
  }
  if (!std::ranges::all_of(result, [](double value) { return value >= 0 && value <= 1; })) {
    throw std::runtime_error("the network gave a number that is no probability");
  }
  return result;
}

}  // namespace berth::tabular
