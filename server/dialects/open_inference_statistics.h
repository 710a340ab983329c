// SPDX-License-Identifier: Apache-2.0
// The statistics extension of the Open Inference Protocol, as Triton defines it.
#pragma once

#include <string>
#include <string_view>

#include "core/service.h"

namespace berth::dialects::open_inference {

// {"model_stats":[…]}: one object a version of the model that serves, or the one of `version`, a version or a label.
// Counts and nanoseconds since that version was loaded. `model`: "" = all that serve. not_found, or unavailable where
// nothing is loaded. [any]
Result<std::string> model_statistics(const core::Service& service, std::string_view model, std::string_view version);

}  // namespace berth::dialects::open_inference
