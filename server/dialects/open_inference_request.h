// SPDX-License-Identifier: Apache-2.0
// InferRequest: an infer request of the Open Inference Protocol, read from its two forms, JSON and binary.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "dialects/request_fields.h"
#include "hosting/call.h"
#include "http/request.h"

namespace berth::dialects::open_inference {

struct RequestedOutput {
  std::string name;
  bool is_binary = false;
};

struct InferRequest {
  std::optional<std::string> id;
  json::Document parameters;             // an object; may be empty
  std::vector<hosting::Tensor> inputs;   // the binary ones are slices of the request's body
  std::vector<RequestedOutput> outputs;  // empty: all, in the form of `binary_output`
  bool binary_output = false;
};

// invalid_argument names the field that is wrong, as "inputs[0].shape: …"; not_implemented the extension that is asked
// for. Whether the tensors are what the model takes, and their data what their shapes ask for, is core's to check.
Result<InferRequest> read_infer_request(const http::Request& request, const BodyLimits& limits);

}  // namespace berth::dialects::open_inference
