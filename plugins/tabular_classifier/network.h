// SPDX-License-Identifier: Apache-2.0
// Network: a TorchScript file that gives a probability for each row of prepared numbers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace berth::tabular {

// Made and used by one thread: LibTorch's settings belong to a thread.
class Network {
 public:
  // Loads the file and runs it once. `gives_logits`: what it gives is not a probability yet. Throws std::runtime_error
  // that says what is wrong: not TorchScript, does not take (N, columns) or does not give (N) or (N, 1).
  Network(const std::filesystem::path& file, std::size_t columns, bool gives_logits);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // One probability a row. Computes in double precision whatever the file's is, so that a row's answer does not depend
  // on its company. Throws std::runtime_error where the network fails, or gives what is no probability.
  std::vector<double> probabilities(std::span<const double> rows);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::tabular
