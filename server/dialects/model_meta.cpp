// SPDX-License-Identifier: Apache-2.0
#include "dialects/model_meta.h"

namespace berth::dialects {

json::Value model_meta(const core::ModelView& view, std::string_view href, json::Document::AllocatorType& allocator) {
  json::Value link(rapidjson::kObjectType);
  link.AddMember("rel", "self", allocator).AddMember("href", json::string(href, allocator), allocator);
  json::Value links(rapidjson::kArrayType);
  links.PushBack(link, allocator);
  json::Value meta(rapidjson::kObjectType);
  meta.AddMember("id", json::string(view.name, allocator), allocator)
      .AddMember("name", json::string(view.name, allocator), allocator)
      .AddMember("links", links, allocator);
  for (const auto& member : view.declarations->metadata.GetObject()) {
    const auto name = json::view(member.name);
    if (name == "berth") continue;
    json::Value value(member.value, allocator);
    if (meta.HasMember(member.name)) {
      meta[member.name] = value;
    } else {
      meta.AddMember(json::string(name, allocator), value, allocator);
    }
  }
  return meta;
}

bool is_known(const core::Service& service, std::string_view model) {
  if (model.empty()) return true;
  const auto view = service.model(model);
  return view || view.error().code != Code::not_found;
}

}  // namespace berth::dialects
