// SPDX-License-Identifier: Apache-2.0
#include "dialects/output_reply.h"

#include <algorithm>

#include "base/json.h"
#include "dialects/error_status.h"
#include "http/header_value.h"

namespace berth::dialects {
namespace {

bool is_content_type(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == 0 || slash == text.npos || slash + 1 == text.size()) return false;
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }) &&
         http::parse_header_value(text).has_value();
}

// A name that needs no quoting rules; others are left out.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == ' ';
  });
}

}  // namespace

http::Response file_reply(const hosting::Output& output, std::string_view content_type) {
  if (content_type.empty()) content_type = output.content_type;
  if (!is_content_type(content_type)) content_type = "application/octet-stream";
  auto response = http::Response::bytes(200, content_type, output.body);
  if (is_plain_name(output.file_name)) {
    response.headers.emplace_back("Content-Disposition", "inline; filename=\"" + output.file_name + "\"");
  }
  return response;
}

http::Response with_version(http::Response response, std::string_view version) {
  if (!version.empty()) response.headers.emplace_back("X-Model-Version", version);
  return response;
}

std::string json_text_of(const hosting::Output& output) {
  using Kind = hosting::Output::Kind;
  if (output.kind == Kind::json) return std::string(output.body.view());
  if (output.kind == Kind::text) return json::quote(clean_text(output.body.view()));
  json::Document list(rapidjson::kArrayType);
  auto& allocator = list.GetAllocator();
  for (const auto& tensor : output.tensors) {
    json::Value shape(rapidjson::kArrayType);
    for (const auto size : tensor.shape) shape.PushBack(size, allocator);
    json::Value one(rapidjson::kObjectType);
    one.AddMember("name", json::string(tensor.name, allocator), allocator)
        .AddMember("datatype", json::string(tensor.datatype, allocator), allocator)
        .AddMember("shape", shape, allocator);
    list.PushBack(one, allocator);
  }
  return json::to_text(list);
}

}  // namespace berth::dialects
