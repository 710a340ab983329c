// SPDX-License-Identifier: Apache-2.0
#include "core/tensors.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/json.h"
#include "berth/abi.h"

namespace berth::core {
namespace {

using hosting::Tensor;

// "input 'x': …"
tl::unexpected<Error> bad(Code code, std::string_view kind, const std::string& name, const std::string& what) {
  return failure(code, std::string(kind).append(" '").append(name).append("': ").append(what));
}

Result<std::vector<std::int64_t>> parse_shape(const json::Value* sizes) {
  if (sizes == nullptr || !sizes->IsArray() || sizes->Size() > BERTH_MAX_RANK) {
    return failure(Code::invalid_argument, "shape is no list of at most " + std::to_string(BERTH_MAX_RANK) + " sizes");
  }
  std::vector<std::int64_t> shape;
  for (const auto& size : sizes->GetArray()) {
    if (!size.IsInt64() || size.GetInt64() < -1) return failure(Code::invalid_argument, "a size in shape is below -1");
    shape.push_back(size.GetInt64());
  }
  return shape;
}

Result<TensorSpec> parse_spec(const json::Value& value) {
  TensorSpec spec;
  spec.name = json::text_at(value, "name");
  if (spec.name.empty()) return failure(Code::invalid_argument, "a tensor has no name");
  spec.datatype = json::text_at(value, "datatype");
  if (!hosting::element_bytes(spec.datatype)) {
    return bad(Code::invalid_argument, "tensor", spec.name, "there is no datatype '" + spec.datatype + "'");
  }
  auto shape = parse_shape(json::find(value, "shape"));
  if (!shape) return bad(Code::invalid_argument, "tensor", spec.name, shape.error().message);
  spec.shape = std::move(*shape);
  const auto* optional = json::find(value, "optional");
  spec.is_optional = optional != nullptr && optional->IsBool() && optional->GetBool();
  return spec;
}

std::optional<std::uint64_t> element_count(const std::vector<std::int64_t>& shape) {
  std::uint64_t count = 1;
  for (const auto size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count)) return std::nullopt;
  }
  return count;
}

bool fits(const std::vector<std::int64_t>& declared, const std::vector<std::int64_t>& shape) {
  return std::ranges::equal(declared, shape, [](auto wanted, auto size) { return wanted == -1 || wanted == size; });
}

// How many elements there are, each behind its length; nothing where the last one is cut off.
std::optional<std::uint64_t> count_elements(std::string_view bytes) {
  std::uint64_t count = 0;
  while (!bytes.empty()) {
    std::uint32_t length = 0;
    if (bytes.size() < sizeof length) return std::nullopt;
    std::memcpy(&length, bytes.data(), sizeof length);
    bytes.remove_prefix(sizeof length);
    if (bytes.size() < length) return std::nullopt;
    bytes.remove_prefix(length);
    ++count;
  }
  return count;
}

// What is wrong with its data; "" = nothing.
std::string data_problem(const Tensor& tensor, std::uint64_t count) {
  const auto bytes = tensor.bytes.view();
  const auto each = hosting::element_bytes(tensor.datatype).value_or(0);
  const auto wanted =
      "shape " + shape_text(tensor.shape) + " asks for " + std::to_string(count) + " element(s), data has ";
  if (each == 0) {
    const auto there = count_elements(bytes);
    if (!there) return "data ends within an element: each is a uint32 length, little-endian, and that many bytes";
    return *there == count ? "" : wanted + std::to_string(*there);
  }
  if (bytes.size() % each != 0) {
    return "data has " + std::to_string(bytes.size()) + " bytes, which are no whole elements of " + tensor.datatype;
  }
  if (bytes.size() / each != count) return wanted + std::to_string(bytes.size() / each);
  const auto is_boolean = [](char c) { return c == 0 || c == 1; };
  if (tensor.datatype == "BOOL" && !std::ranges::all_of(bytes, is_boolean)) {
    return "data holds a byte other than 0 and 1, which BOOL has not";
  }
  return "";
}

// What holds for every tensor, declared or not.
std::string own_problem(const Tensor& tensor) {
  const auto count = element_count(tensor.shape);
  if (!count) return "shape " + shape_text(tensor.shape) + " has a size below 0, or too many elements";
  return data_problem(tensor, *count);
}

std::string problem_of(const TensorSpec& spec, const Tensor& tensor) {
  if (tensor.datatype != spec.datatype) {
    return "datatype is '" + tensor.datatype + "', declared is " + spec.datatype;
  }
  if (!fits(spec.shape, tensor.shape)) {
    return "shape is " + shape_text(tensor.shape) + ", declared is " + shape_text(spec.shape);
  }
  return own_problem(tensor);
}

Result<> check_all(Code code, std::string_view kind, const TensorSpecs& specs, const std::vector<Tensor>& tensors) {
  for (auto tensor = tensors.begin(); tensor != tensors.end(); ++tensor) {
    const auto spec = std::ranges::find(specs, tensor->name, &TensorSpec::name);
    if (spec == specs.end()) {
      std::string known;
      for (const auto& one : specs) known.append(known.empty() ? "" : ", ").append(one.name);
      return bad(code, kind, tensor->name, "name is not declared; declared are: " + known);
    }
    if (std::find_if(tensors.begin(), tensor, [&](const auto& t) { return t.name == tensor->name; }) != tensor) {
      return bad(code, kind, tensor->name, "name is there twice");
    }
    const auto problem = problem_of(*spec, *tensor);
    if (!problem.empty()) return bad(code, kind, tensor->name, problem);
  }
  for (const auto& spec : specs) {
    if (spec.is_optional || std::ranges::find(tensors, spec.name, &Tensor::name) != tensors.end()) continue;
    return bad(code, kind, spec.name, "is missing");
  }
  return {};
}

}  // namespace

Result<TensorSpecs> parse_tensor_specs(std::string_view text) {
  const auto list = json::parse(text);
  if (!list) return failure(Code::invalid_argument, list.error().message);
  if (!list->IsArray()) return failure(Code::invalid_argument, "it is no list");
  TensorSpecs specs;
  for (const auto& one : list->GetArray()) {
    auto spec = parse_spec(one);
    if (!spec) return failure(spec.error());
    if (std::ranges::find(specs, spec->name, &TensorSpec::name) != specs.end()) {
      return bad(Code::invalid_argument, "tensor", spec->name, "it is declared twice");
    }
    specs.push_back(std::move(*spec));
  }
  return specs;
}

Result<> check_inputs(const TensorSpecs& specs, const std::vector<Tensor>& tensors) {
  return check_all(Code::invalid_argument, "input", specs, tensors);
}

Result<> check_outputs(const TensorSpecs& specs, const hosting::Output& output) {
  if (output.kind != hosting::Output::Kind::tensors) {
    return failure(Code::internal, "the model answered tensors with something else than tensors");
  }
  constexpr std::string_view kKind = "the model's answer: output";
  if (!specs.empty()) return check_all(Code::internal, kKind, specs, output.tensors);
  for (const auto& tensor : output.tensors) {
    const auto problem = own_problem(tensor);
    if (!problem.empty()) return bad(Code::internal, kKind, tensor.name, problem);
  }
  return {};
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const auto size : shape) text.append(text.size() > 1 ? "," : "").append(std::to_string(size));
  return text + "]";
}

}  // namespace berth::core
