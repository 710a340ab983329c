// SPDX-License-Identifier: Apache-2.0
// The checks of one model.
#pragma once

#include "hosting/registry.h"
#include "sdk/testing/conformance.h"
#include "sdk/testing/sample_files.h"
#include "sdk/testing/workshop.h"

namespace berth::conformance {

// Adds its checks to `report`. `samples` are the input for a model that takes files, and what it fetches.
void check_model(const hosting::Listing& listing, Workshop& workshop, const Samples& samples, const Options& options,
                 Report& report);

}  // namespace berth::conformance
