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

struct PackageConfig {
  std::filesystem::path model;
  std::vector<std::string> labels;
  bool gives_logits = true;  // else probabilities
  TorchOptions torch;
  vision::Preprocessing input;
  Metadata metadata;
};

// Throws std::runtime_error that names the key and what it has to be.
PackageConfig read_package_config(const Package& package);

}  // namespace berth::image_classifier
