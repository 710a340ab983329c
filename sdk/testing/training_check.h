// SPDX-License-Identifier: Apache-2.0
// The checks of a training: "train" and "train_stop".
#pragma once

#include "core/declarations.h"
#include "hosting/registry.h"
#include "sdk/testing/findings.h"

namespace berth::conformance {

// A training is run for a while, and told to stop where it takes longer. Blocks.
void check_training(const hosting::ModelPtr& model, hosting::Registry& registry, const core::Declarations& declarations,
                    const Options& options, Findings& findings);

}  // namespace berth::conformance
