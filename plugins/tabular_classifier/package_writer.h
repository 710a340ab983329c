// SPDX-License-Identifier: Apache-2.0
// What a training writes: the package of the next version, as a person would write it.
#pragma once

#include <berth/json.h>

#include <filesystem>
#include <span>
#include <string>

#include "tabular_classifier/dataset.h"
#include "tabular_classifier/preparation.h"
#include "tabular_classifier/schema.h"

namespace berth::tabular {

// YAML of a mapping, in blocks; texts are quoted, so that nothing is taken for a number or a date.
std::string to_yaml(const Json& mapping);

// Of each label the row that the model is surest of, as cases for `self_test`: args and what must come of them.
Json self_test_of(const Dataset& dataset, const Schema& schema, std::span<const double> probabilities,
                  double threshold);

// model.yaml and input_schema.json in `folder`; model.pt is the trainer's. `before`: the model.yaml of the version that
// was trained: what it says of the model is kept (metadata, serving, threshold); `measured` is added to its metadata,
// and `self_test` takes the place of its own. Throws std::runtime_error where a file cannot be written.
void write_package(const std::filesystem::path& folder, const Json& before, const Schema& schema,
                   const Preparation& preparation, const std::string& target, const Json& measured,
                   const Json& self_test);

}  // namespace berth::tabular
