// SPDX-License-Identifier: Apache-2.0
#include "sdk/testing/samples.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/json.h"

namespace berth::conformance {
namespace {

using core::ArgSpec;
using core::ArgType;

json::Value sample_value(const ArgSpec& spec, int variant, json::Document::AllocatorType& allocator);

json::Value parsed(std::string_view text, json::Document::AllocatorType& allocator) {
  json::Value value;
  if (const auto document = json::parse(text)) value.CopyFrom(*document, allocator);
  return value;
}

std::string sample_text(const ArgSpec& spec, int variant) {
  std::string text = "sample " + std::to_string(variant);
  if (spec.min_length && text.size() < *spec.min_length) text.append(*spec.min_length - text.size(), 'x');
  if (spec.max_length && text.size() > *spec.max_length) text.resize(*spec.max_length);
  return text;
}

double sample_number(const ArgSpec& spec, int variant) {
  double start = spec.minimum.value_or(spec.maximum ? std::min(1.0, *spec.maximum) : 1.0);
  const auto declared = json::parse(spec.default_json);
  if (declared && declared->IsNumber()) start = declared->GetDouble();
  const double moved = start + variant;
  return spec.maximum && moved > *spec.maximum ? start : moved;
}

json::Value sample_list(const ArgSpec& spec, int variant, json::Document::AllocatorType& allocator) {
  json::Value list(rapidjson::kArrayType);
  for (std::size_t i = 0; i < std::max<std::size_t>(1, spec.min_length.value_or(1)); ++i) {
    list.PushBack(spec.items.empty() ? json::Value(variant) : sample_value(spec.items.front(), variant, allocator),
                  allocator);
  }
  return list;
}

json::Value sample_nested(const ArgSpec& spec, int variant, json::Document::AllocatorType& allocator) {
  json::Value object(rapidjson::kObjectType);
  for (const ArgSpec& field : spec.fields) {
    if (!field.required) continue;
    object.AddMember(json::string(field.key, allocator), sample_value(field, variant, allocator), allocator);
  }
  return object;
}

json::Value sample_value(const ArgSpec& spec, int variant, json::Document::AllocatorType& allocator) {
  if (!spec.choices_json.empty()) return parsed(spec.choices_json.front(), allocator);
  switch (spec.type) {
    case ArgType::integer: return json::Value(static_cast<std::int64_t>(sample_number(spec, variant)));
    case ArgType::number: return json::Value(sample_number(spec, variant));
    case ArgType::boolean: return json::Value(false);
    case ArgType::date: return json::string("2020-01-02", allocator);
    case ArgType::datetime: return json::string("2020-01-02T03:04:05", allocator);
    case ArgType::url: return json::string("https://example.org/sample", allocator);
    case ArgType::uuid: return json::string("6a0b4dd8-3ab2-4d8c-9a3f-5c9a36a3d2b1", allocator);
    case ArgType::email: return json::string("someone@example.org", allocator);
    case ArgType::list: return sample_list(spec, variant, allocator);
    case ArgType::dict: return json::Value(rapidjson::kObjectType);
    case ArgType::nested: return sample_nested(spec, variant, allocator);
    case ArgType::string:
    case ArgType::file: break;
  }
  return json::string(sample_text(spec, variant), allocator);
}

bool is_worth_sending(const ArgSpec& spec) {
  const bool varies = (spec.type == ArgType::integer || spec.type == ArgType::number) && !spec.default_json.empty();
  return spec.type != ArgType::file && (spec.required || (varies && spec.choices_json.empty()));
}

hosting::File renamed(hosting::File file, std::string field) {
  file.field = std::move(field);
  return file;
}

bool sends_file(const core::Declarations& declarations, hosting::Method method) {
  const auto is_file = [](const ArgSpec& spec) { return spec.type == ArgType::file; };
  return method == hosting::Method::predict_url || declarations.takes_files ||
         std::ranges::any_of(declarations.test_args, is_file);
}

// One argument of a call, other than a sample has it.
struct Changed {
  std::string key;
  const json::Value* value = nullptr;
};

Result<hosting::Call> make_call(const core::Declarations& declarations, hosting::Method method, int variant,
                                const Sample& sample, const Changed* changed) {
  json::Document values(rapidjson::kObjectType);
  core::RawArgs raw;
  bool declares_file = false;
  for (const ArgSpec& spec : declarations.test_args) {
    if (spec.type == ArgType::file) {
      declares_file = true;
      if (method == hosting::Method::predict_data) raw.files.push_back(renamed(sample.file, spec.key));
    } else if (is_worth_sending(spec)) {
      values.AddMember(json::string(spec.key, values.GetAllocator()),
                       sample_value(spec, variant, values.GetAllocator()), values.GetAllocator());
    }
  }
  if (changed != nullptr) {
    values.RemoveMember(json::string(changed->key, values.GetAllocator()));
    json::Value value(*changed->value, values.GetAllocator());
    values.AddMember(json::string(changed->key, values.GetAllocator()), value, values.GetAllocator());
  }
  for (const auto& member : std::as_const(values).GetObject())
    raw.values.emplace(json::view(member.name), &member.value);
  auto checked = core::check_args(declarations.test_args, raw);
  if (!checked) return failure(checked.error().code, checked.error().fields_json);

  hosting::Call call;
  call.method = method;
  call.request_id = "conformance";
  call.args_json = std::move(checked->json);
  call.files = std::move(checked->files);
  if (method == hosting::Method::predict_url) call.urls = {sample.url};
  const bool takes_data = declarations.takes_files && !declares_file && method == hosting::Method::predict_data;
  if (takes_data) call.files.push_back(renamed(sample.file, "data"));
  return call;
}

hosting::Tensor sample_tensor(const core::TensorSpec& spec, const hosting::File& file) {
  hosting::Tensor tensor{spec.name, spec.datatype, spec.shape, {}};
  std::size_t count = 1;
  for (auto& size : tensor.shape) {
    if (size < 0) size = 1;
    count *= static_cast<std::size_t>(size);
  }
  std::string element(hosting::element_bytes(spec.datatype).value_or(0), '\0');
  if (spec.datatype == "BYTES") {
    const auto size = static_cast<std::uint32_t>(file.bytes.size());
    element.assign(reinterpret_cast<const char*>(&size), sizeof size);
    element += file.bytes.view();
  }
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += element;
  tensor.bytes = Bytes(std::move(bytes));
  return tensor;
}

}  // namespace

std::span<const Sample> samples_for(const core::Declarations& declarations, hosting::Method method,
                                    const Samples& samples) {
  return std::span(samples.each).first(sends_file(declarations, method) ? samples.each.size() : 1);
}

std::string made_up_part(const core::Declarations& declarations, hosting::Method method, const Samples& samples) {
  if (samples.made_up && sends_file(declarations, method)) return "give --file";
  for (const ArgSpec& spec : declarations.test_args) {
    if (spec.type != ArgType::file && spec.required && spec.choices_json.empty()) {
      return "give '" + spec.key + "' a default or choices";
    }
  }
  return "";
}

Result<hosting::Call> sample_call(const core::Declarations& declarations, hosting::Method method, int variant,
                                  const Sample& sample) {
  return make_call(declarations, method, variant, sample, nullptr);
}

std::vector<hosting::Call> edge_calls(const core::Declarations& declarations) {
  const std::string long_text(100'000, 'x');
  const auto edges = json::parse(R"(["","\u0000\u001b\u202e"," ","-1",0,-1,1e-308,null,[],{}])");
  std::vector<json::Value> values;
  json::Document owner;
  for (const auto& edge : edges->GetArray()) values.emplace_back(edge, owner.GetAllocator());
  values.push_back(json::string(long_text, owner.GetAllocator()));
  const std::size_t common = values.size();
  std::vector<hosting::Call> calls;
  for (const ArgSpec& spec : declarations.test_args) {
    values.resize(common);
    // A number without a bound may be as large as the caller has time for: only the bounds are edges.
    for (const auto bound : {spec.minimum, spec.maximum}) {
      if (bound) values.emplace_back(*bound);
    }
    for (const auto& value : values) {
      const Changed changed{spec.key, &value};
      auto call = make_call(declarations, hosting::Method::predict_data, 0, {}, &changed);
      if (call) calls.push_back(std::move(*call));
    }
  }
  return calls;
}

Result<hosting::Call> default_training(const core::Declarations& declarations) {
  auto checked = core::check_args(declarations.train_args, {});
  if (!checked) return failure(checked.error().code, checked.error().fields_json);
  hosting::Call call;
  call.method = hosting::Method::train;
  call.request_id = "conformance";
  call.args_json = std::move(checked->json);
  return call;
}

std::vector<hosting::Tensor> sample_tensors(const core::TensorSpecs& inputs, const hosting::File& file) {
  std::vector<hosting::Tensor> tensors;
  for (const auto& spec : inputs) {
    if (spec.is_optional) continue;
    tensors.push_back(sample_tensor(spec, file));
  }
  if (tensors.empty() && !inputs.empty()) tensors.push_back(sample_tensor(inputs.front(), file));
  return tensors;
}

}  // namespace berth::conformance
