// SPDX-License-Identifier: Apache-2.0
// The checks of one model.
#pragma once

#include "hosting/registry.h"
#include "sdk/testing/conformance.h"
#include "sdk/testing/workshop.h"

namespace berth::conformance {

// Adds its checks to `report`. `file` is the input for a model that takes files, and what it fetches.
void check_model(const hosting::Listing& listing, Workshop& workshop, const hosting::File& file, const Options& options,
                 Report& report);

}  // namespace berth::conformance
