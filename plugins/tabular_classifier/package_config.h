// SPDX-License-Identifier: Apache-2.0
// PackageConfig: what the package of a table model says, checked (docs/models.md describes every key).
#pragma once

#include <berth/json.h>
#include <berth/metadata.h>
#include <berth/package.h>

#include <filesystem>
#include <string>

#include "tabular_classifier/preparation.h"
#include "tabular_classifier/schema.h"

namespace berth::tabular {

struct PackageConfig {
  Schema schema;
  std::filesystem::path model;  // "": there is none yet, it can only be trained
  bool gives_logits = false;    // else probabilities
  double threshold = 0.5;       // a higher probability means label 1
  std::string target;           // what is predicted, as tables to train from call it; may be ""
  Preparation preparation;
  Metadata metadata;
};

// Throws std::runtime_error that names the file and the key, and what it has to be.
PackageConfig read_package_config(const Package& package);

}  // namespace berth::tabular
