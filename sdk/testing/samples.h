// SPDX-License-Identifier: Apache-2.0
// Samples: calls that satisfy what a model declares, made up from its declarations.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/declarations.h"
#include "hosting/call.h"
#include "sdk/testing/sample_files.h"

namespace berth::conformance {

// Those that calls of `method` differ by: all, or the first where they carry none.
std::span<const Sample> samples_for(const core::Declarations& declarations, hosting::Method method,
                                    const Samples& samples);

// What of a call of `method` nobody but the kit says is good, as advice that would mend it; "" where the author
// vouches for all of it, and the model must answer.
std::string made_up_part(const core::Declarations& declarations, hosting::Method method, const Samples& samples);

// A call with what is required and, for numbers, something that differs with `variant`. Its arguments went through the
// same check as a client's; invalid_argument where none could be made up.
Result<hosting::Call> sample_call(const core::Declarations& declarations, hosting::Method method, int variant,
                                  const Sample& sample);

// Calls of predict_data for a model that takes no files: a sample with one argument changed to something that its
// declaration allows and that an author forgets: empty, very long, at its bounds, control characters.
std::vector<hosting::Call> edge_calls(const core::Declarations& declarations);

// A training with what its arguments default to; invalid_argument where one is required and has no default.
Result<hosting::Call> default_training(const core::Declarations& declarations);

// The tensors of a call that the declared inputs allow: those that are needed, or else the first one; of size 1 where
// any is allowed, all zero. An element of BYTES is the file.
std::vector<hosting::Tensor> sample_tensors(const core::TensorSpecs& inputs, const hosting::File& file);

}  // namespace berth::conformance
