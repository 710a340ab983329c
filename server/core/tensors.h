// SPDX-License-Identifier: Apache-2.0
// Tensors: what a model declares that it takes and gives, and the check of a call and its answer against it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hosting/call.h"

namespace berth::core {

// One declared tensor. Read from the JSON that the SDK's TensorSpecs writes (docs/open_inference.md).
struct TensorSpec {
  std::string name;
  std::string datatype;
  std::vector<std::int64_t> shape;  // -1: any size
  bool is_optional = false;
};
using TensorSpecs = std::vector<TensorSpec>;

// invalid_argument names the spec and what is wrong with it. [any]
Result<TensorSpecs> parse_tensor_specs(std::string_view text);

// A call's tensors against the declared inputs: each is known, sent once, of its datatype and shape, and has the bytes
// that its shape asks for; none that is needed lacks. invalid_argument names the tensor, and why. [any]
Result<> check_inputs(const TensorSpecs& specs, const std::vector<hosting::Tensor>& tensors);

// The answer to such a call: tensors, and the declared outputs where there are any. internal names the tensor. [any]
Result<> check_outputs(const TensorSpecs& specs, const hosting::Output& output);

// "[-1,3]" [any]
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace berth::core
