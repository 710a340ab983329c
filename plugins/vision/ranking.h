// SPDX-License-Identifier: Apache-2.0
// Ranking: from a network's logits to the few labels worth telling.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <filesystem>

namespace berth::vision {

struct Ranked {
  std::size_t index = 0;  // of the label
  float probability = 0;
};

// Logits to probabilities, in place. Large logits do not overflow; one that is not finite makes all of them NaN.
void softmax(std::span<float> values);

// The `count` most probable ones that reach `threshold`, most probable first, equals in the order of their labels.
std::vector<Ranked> top_k(std::span<const float> probabilities, std::size_t count, float threshold);

// One label a line, UTF-8, trailing blanks and carriage returns cut; empty lines at the end are ignored, others are an
// error, since the line's number is the class. Throws std::runtime_error that names the file and the line.
std::vector<std::string> read_labels(const std::filesystem::path& path);

}  // namespace berth::vision
