// SPDX-License-Identifier: Apache-2.0
// TensorSpec: a tensor that a model takes or gives, as it declares it to clients of the Open Inference Protocol.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "berth/json.h"
#include "berth/tensor.h"

namespace berth {
inline namespace sdk_v1 {

struct TensorSpec {
  std::string name;
  Datatype datatype = Datatype::fp32;
  std::vector<std::int64_t> shape = {};  // the batch dimension included; -1: any size
  // Of an input: a call may leave it out. (Two optional ones, of which a call needs one: the model checks that itself.)
  bool is_optional = false;
};
using TensorSpecs = std::vector<TensorSpec>;

// "FP32"; throws std::invalid_argument for what is no Datatype.
inline const char* datatype_name(Datatype datatype) {
  switch (datatype) {
    case Datatype::boolean: return "BOOL";
    case Datatype::uint8: return "UINT8";
    case Datatype::uint16: return "UINT16";
    case Datatype::uint32: return "UINT32";
    case Datatype::uint64: return "UINT64";
    case Datatype::int8: return "INT8";
    case Datatype::int16: return "INT16";
    case Datatype::int32: return "INT32";
    case Datatype::int64: return "INT64";
    case Datatype::fp16: return "FP16";
    case Datatype::fp32: return "FP32";
    case Datatype::fp64: return "FP64";
    case Datatype::bytes: return "BYTES";
  }
  throw std::invalid_argument("there is no such datatype");
}

namespace detail {
inline Json to_json(const TensorSpecs& specs) {
  Json json = Json::array();
  for (const TensorSpec& spec : specs) {
    Json one = {{"name", spec.name}, {"datatype", datatype_name(spec.datatype)}, {"shape", Json(spec.shape)}};
    if (spec.is_optional) one["optional"] = true;
    json.push_back(std::move(one));
  }
  return json;
}
}  // namespace detail

}  // namespace sdk_v1
}  // namespace berth
