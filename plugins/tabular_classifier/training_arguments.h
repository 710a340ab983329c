// SPDX-License-Identifier: Apache-2.0
// The arguments of a training, and what they mean.
#pragma once

#include <berth/arg_specs.h>
#include <berth/args.h>
#include <berth/host.h>

#include <string>

#include "tabular_classifier/learning.h"
#include "tabular_classifier/package_config.h"

namespace berth::tabular {

ArgSpecs training_arguments(const PackageConfig& config);

LearningOptions learning_options(const Args& args);

// The table that was uploaded as `file`, or that `data` names in the server's folder of data. Throws Error (400) where
// there is neither or both, as Host::data_file, and where it is no such table.
Dataset read_table(const Args& args, const Host& host, const Schema& schema, const std::string& target);

}  // namespace berth::tabular
