// SPDX-License-Identifier: Apache-2.0
// InferJson: the JSON of an infer request, whose tensors' elements become bytes as they are read.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "dialects/open_inference_elements.h"

namespace berth::dialects::open_inference {

struct InferJson {
  json::Document document;  // an object; a list that is `data` of an input is empty in it
  // By the index of the input: its elements; none where it has no `data`, or null, or names no datatype that JSON can
  // hold.
  std::vector<std::optional<Elements>> data;
};

// invalid_argument says where the text is no JSON, or which input's data is not what its datatype says. What is no
// element is held to json::kMaxDepth and to `max_values`; of elements there may be as many as the text holds.
Result<InferJson> read_infer_json(std::string_view text, std::size_t max_values);

}  // namespace berth::dialects::open_inference
