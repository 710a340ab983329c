// SPDX-License-Identifier: Apache-2.0
// The checks of one model.
#pragma once

#include "hosting/registry.h"
#include "sdk/testing/conformance.h"

namespace berth::conformance {

// Adds its checks to `report`. `file` is the input for a model that takes files.
void check_model(const hosting::Listing& listing, const hosting::File& file, Report& report);

}  // namespace berth::conformance
