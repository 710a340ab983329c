// SPDX-License-Identifier: Apache-2.0
// Call and Output: what goes into a model and what comes out of it, as values without a wire in them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace berth::hosting {

enum class Method { predict_data, predict_url, train };
std::string_view to_string(Method method);

struct File {
  std::string field;
  std::string file_name;
  std::string content_type;
  Bytes bytes;
};

// Datatypes are named as in the Open Inference Protocol: "FP32", "BYTES", …
// The bytes of one element: 4 of an FP32, 0 of BYTES, whose elements carry their own length; nothing for what is no
// datatype.
std::optional<std::size_t> element_bytes(std::string_view datatype);

struct Tensor {
  std::string name;
  std::string datatype;
  std::vector<std::int64_t> shape;
  Bytes bytes;  // little-endian, row-major
};

// One call, its arguments already checked against what the model declares.
struct Call {
  Method method = Method::predict_data;
  std::string request_id;
  std::string args_json = "{}";
  std::vector<File> files;
  std::vector<std::string> urls;
  std::vector<Tensor> tensors;
};

struct Output {
  enum class Kind { json, text, file, tensors };
  Kind kind = Kind::json;
  Bytes body;                // what the model gave as JSON (the core checks it), the text, or the file
  std::string content_type;  // file only
  std::string file_name;     // file only; may be empty
  std::vector<Tensor> tensors;
};

// How long a call waited and worked. Nanoseconds.
struct Timings {
  std::uint64_t queue_ns = 0;    // submit → handed to a worker
  std::uint64_t input_ns = 0;    // handing it over: copy into shared memory, wake-up
  std::uint64_t compute_ns = 0;  // in the plugin
  std::uint64_t output_ns = 0;   // taking the answer
};

class NewPackage;

struct Outcome {
  Result<Output> output;
  Timings timings;
  std::string version;                       // of the model that answered
  std::shared_ptr<NewPackage> package = {};  // of a training that wrote one
};

// Called exactly once per call, on an unspecified thread; must not block.
using OnOutcome = std::function<void(Outcome&&)>;

}  // namespace berth::hosting
