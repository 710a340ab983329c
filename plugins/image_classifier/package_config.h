// SPDX-License-Identifier: Apache-2.0
// PackageConfig: what the model.yaml of an image classifier says, checked (docs/models.md describes every key).
#pragma once

#include <berth/json.h>
#include <berth/metadata.h>
#include <berth/package.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "image_classifier/torch_module.h"
#include "vision/preprocess.h"

namespace berth::image_classifier {

inline constexpr int kMaxSide = 8192;  // pixels

// What clients are told of the network's outputs: softmax is applied; they are probabilities already; or whatever they
// are.
enum class Scores { of_logits, of_probabilities, as_given };

struct PackageConfig {
  std::filesystem::path model;
  std::vector<std::string> labels;
  Scores scores = Scores::of_logits;
  TorchOptions torch;
  vision::Preprocessing input;
  // Images go into the network as they were decoded, whatever their size; of `input` only what decodes them, and
  // `divide_by`, is used.
  bool takes_any_size = false;
  Metadata metadata;
};

// Throws std::runtime_error that names the key and what it has to be.
PackageConfig read_package_config(const Package& package);

}  // namespace berth::image_classifier
