// SPDX-License-Identifier: Apache-2.0
// The classifier's format: a package described by `<name>_config.json`, with the network in `<name>.pt` beside it
// (docs/models.md).
#pragma once

#include <berth/package.h>

#include "image_classifier/config_section.h"
#include "image_classifier/package_config.h"

namespace berth::image_classifier {

// Reads the file that `config` in the package's model.yaml names into `into`: what the network is fed with, its layout,
// its file, the labels, how they are scored. Members that it does not know are left alone. Throws std::runtime_error
// that names file, member and what it has to be.
void read_classifier_format(const Package& package, const ConfigSection& model_yaml, PackageConfig& into);

}  // namespace berth::image_classifier
