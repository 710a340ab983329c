// SPDX-License-Identifier: Apache-2.0
#include "dialects/json_body.h"

namespace berth::dialects {

tl::expected<json::Document, http::Response> read_json_object(const http::Request& request, const BodyLimits& limits) {
  BodyErrors errors;
  if (request.body.size() > limits.max_json_bytes) {
    return tl::unexpected<http::Response>(detail_reply(413, "the body is larger than limits.max_json_bytes"));
  }
  auto document = json::parse(request.body.view(), false, limits.max_json_values);
  if (!document && document.error().code == Code::too_large) {
    return tl::unexpected<http::Response>(detail_error(document.error(), {}, request.id));
  }
  if (request.body.empty()) {
    errors.missing(BodyPlace());
  } else if (!document) {
    errors.add(BodyPlace(), document.error().message, "value_error.jsondecode");
  } else if (!document->IsObject()) {
    errors.add(BodyPlace(), "value is not a valid dict", "type_error.dict");
  }
  if (!errors.empty()) return tl::unexpected<http::Response>(errors.reply());
  return std::move(*document);
}

const json::Value* required_member(const json::Value& object, std::string_view name, const BodyPlace& where,
                                   BodyErrors& errors) {
  const auto* member = json::find(object, name);
  if (member == nullptr) {
    errors.missing(where.at(name));
  } else if (member->IsNull()) {
    errors.add(where.at(name), "none is not an allowed value", "type_error.none.not_allowed");
    return nullptr;
  }
  return member;
}

}  // namespace berth::dialects
