// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference_metadata.h"

#include <utility>

namespace berth::dialects::open_inference {
namespace {

using Allocator = json::Document::AllocatorType;

constexpr std::string_view kName = "\"name\":\"berth\"";
constexpr std::string_view kExtensions = R"("extensions":["binary_tensor_data","model_repository","statistics"])";

void set(json::Value& object, std::string_view name, json::Value value, Allocator& allocator) {
  auto key = json::string(name, allocator);
  if (object.HasMember(key)) {
    object[key] = value;
  } else {
    object.AddMember(key, value, allocator);
  }
}

json::Value tensors(const core::TensorSpecs& specs, Allocator& allocator) {
  json::Value list(rapidjson::kArrayType);
  for (const auto& spec : specs) {
    json::Value shape(rapidjson::kArrayType);
    for (const auto size : spec.shape) shape.PushBack(size, allocator);
    json::Value one(rapidjson::kObjectType);
    one.AddMember("name", json::string(spec.name, allocator), allocator)
        .AddMember("datatype", json::string(spec.datatype, allocator), allocator)
        .AddMember("shape", shape, allocator);
    list.PushBack(one, allocator);
  }
  return list;
}

// Those that are ready.
json::Value versions(const core::Service& service, std::string_view model, Allocator& allocator) {
  json::Value list(rapidjson::kArrayType);
  for (const auto& listing : service.listings()) {
    if (listing.name != model || listing.status.state != hosting::State::ready) continue;
    list.PushBack(json::string(listing.version, allocator), allocator);
  }
  return list;
}

// What the model names as its own, else what every model here is.
std::string platform(const core::ModelView& view) {
  const auto* own = json::find(view.declarations->metadata, "platform");
  return own != nullptr && own->IsString() ? std::string(json::view(*own)) : "berth";
}

}  // namespace

std::string server_metadata() {
  return std::string("{").append(kName).append(",\"version\":\"" BERTH_VERSION "\",").append(kExtensions) + "}";
}

std::string with_server_metadata(std::string object_text) {
  object_text.pop_back();
  return object_text.append(",").append(kName).append(",").append(kExtensions).append("}");
}

void add_model_metadata(json::Value& object, const core::Service& service, const core::ModelView& view,
                        Allocator& allocator) {
  if (json::find(object, "name") == nullptr) set(object, "name", json::string(view.name, allocator), allocator);
  set(object, "versions", versions(service, view.name, allocator), allocator);
  set(object, "platform", json::string(platform(view), allocator), allocator);
  set(object, "inputs", tensors(view.declarations->inputs, allocator), allocator);
  set(object, "outputs", tensors(view.declarations->outputs, allocator), allocator);
}

std::string model_metadata(const core::Service& service, const core::ModelView& view) {
  json::Document document(rapidjson::kObjectType);
  add_model_metadata(document, service, view, document.GetAllocator());
  return json::to_text(document);
}

}  // namespace berth::dialects::open_inference
