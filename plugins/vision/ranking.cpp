// SPDX-License-Identifier: Apache-2.0
#include "vision/ranking.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <stdexcept>

namespace berth::vision {

void softmax(std::span<float> values) {
  if (values.empty()) return;
  const float largest = *std::max_element(values.begin(), values.end());
  float sum = 0;
  for (auto& value : values) sum += value = std::exp(value - largest);
  for (auto& value : values) value /= sum;
}

std::vector<Ranked> top_k(std::span<const float> probabilities, std::size_t count, float threshold) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](std::size_t left, std::size_t right) {
    if (probabilities[left] != probabilities[right]) return probabilities[left] > probabilities[right];
    return left < right;
  });
  std::vector<Ranked> ranked;
  for (auto at = order.begin(); at != end && probabilities[*at] >= threshold; ++at) {
    ranked.push_back({*at, probabilities[*at]});
  }
  return ranked;
}

std::vector<std::string> read_labels(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  std::vector<std::string> labels;
  for (std::string line; std::getline(file, line);) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    labels.push_back(std::move(line));
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  const auto empty = std::find(labels.begin(), labels.end(), "");
  if (empty != labels.end()) {
    throw std::runtime_error(path.string() + ":" + std::to_string(empty - labels.begin() + 1) + ": an empty label");
  }
  return labels;
}

}  // namespace berth::vision
