// SPDX-License-Identifier: Apache-2.0
#include "dialects/swagger_parameters.h"

#include <algorithm>
#include <array>

namespace berth::dialects {
namespace {

using core::ArgSpec;
using core::ArgType;

struct SwaggerType {
  const char* type;
  const char* format;  // "" = none
};

SwaggerType type_of(ArgType type) {
  switch (type) {
    case ArgType::string: return {"string", ""};
    case ArgType::integer: return {"integer", "int64"};
    case ArgType::number: return {"number", "double"};
    case ArgType::boolean: return {"boolean", ""};
    case ArgType::date: return {"string", "date"};
    case ArgType::datetime: return {"string", "date-time"};
    case ArgType::url: return {"string", "url"};
    case ArgType::uuid: return {"string", "uuid"};
    case ArgType::email: return {"string", "email"};
    case ArgType::list: return {"array", ""};
    case ArgType::file: return {"file", ""};
    case ArgType::dict:
    case ArgType::nested: return {"string", "json"};
  }
  return {"string", ""};
}

bool is_json_only(ArgType type) { return type == ArgType::dict || type == ArgType::nested; }

// Integers without a decimal point.
json::Value number_value(double number) {
  const auto whole = static_cast<std::int64_t>(number);
  return static_cast<double>(whole) == number ? json::Value(whole) : json::Value(number);
}

json::Value parsed(const std::string& text, Allocator& allocator) {
  const auto value = json::parse(text);
  return value ? json::Value(*value, allocator) : json::Value();
}

void add_bounds(const ArgSpec& spec, json::Value& into, Allocator& allocator) {
  const bool is_list = spec.type == ArgType::list;
  const auto add = [&](const char* name, json::Value value) {
    into.AddMember(rapidjson::StringRef(name), value, allocator);
  };
  if (spec.minimum) add("minimum", number_value(*spec.minimum));
  if (spec.maximum) add("maximum", number_value(*spec.maximum));
  if (spec.min_length) add(is_list ? "minItems" : "minLength", json::Value(std::uint64_t{*spec.min_length}));
  if (spec.max_length) add(is_list ? "maxItems" : "maxLength", json::Value(std::uint64_t{*spec.max_length}));
  if (spec.choices_json.empty()) return;
  json::Value choices(rapidjson::kArrayType);
  for (const auto& choice : spec.choices_json) choices.PushBack(parsed(choice, allocator), allocator);
  // The API adds it to every argument that chooses the answer's content type.
  if (spec.name == "accept") choices.PushBack("*/*", allocator);
  add("enum", std::move(choices));
}

void add_type(const ArgSpec& spec, json::Value& into, Allocator& allocator) {
  const auto [type, format] = type_of(spec.type);
  into.AddMember("type", json::string(type, allocator), allocator);
  if (*format != '\0') into.AddMember("format", json::string(format, allocator), allocator);
  add_bounds(spec, into, allocator);
  if (spec.type != ArgType::list) return;
  json::Value items(rapidjson::kObjectType);
  add_type(spec.items.empty() ? ArgSpec{} : spec.items.front(), items, allocator);
  into.AddMember("items", items, allocator);
}

void add_default(const ArgSpec& spec, json::Value& into, Allocator& allocator) {
  std::string text = spec.default_json;
  if (spec.name == "accept" && !spec.choices_json.empty()) text = spec.choices_json.front();
  if (text.empty() || text == "null") return;
  // An object is no default of what Swagger must call a string.
  const auto* name = is_json_only(spec.type) ? "x-default" : "default";
  into.AddMember(rapidjson::StringRef(name), parsed(text, allocator), allocator);
}

const char* place_of(const ArgSpec& spec) {
  if (spec.type == ArgType::file || spec.source == core::ArgSource::form) return "formData";
  return spec.source == core::ArgSource::header ? "header" : "query";
}

}  // namespace

json::Value swagger_parameter(const ArgSpec& spec, Allocator& allocator) {
  json::Value parameter(rapidjson::kObjectType);
  parameter.AddMember("name", json::string(spec.key, allocator), allocator)
      .AddMember("in", json::string(place_of(spec), allocator), allocator)
      .AddMember("required", spec.required, allocator);
  std::string help = spec.help;
  const bool json_only = is_json_only(spec.type) || spec.source == core::ArgSource::json;
  if (json_only) help += help.empty() ? "Only in a JSON body" : " (only in a JSON body)";
  if (!help.empty()) parameter.AddMember("description", json::string(help, allocator), allocator);
  add_type(spec, parameter, allocator);
  if (spec.type == ArgType::list) {
    parameter.AddMember("collectionFormat", json::string(spec.delimited ? "csv" : "multi", allocator), allocator);
  }
  if (spec.nullable) parameter.AddMember("x-nullable", true, allocator);
  add_default(spec, parameter, allocator);
  return parameter;
}

json::Value swagger_schema(const json::Value& schema, Allocator& allocator) {
  json::Value result(rapidjson::kObjectType);
  if (!schema.IsObject()) return result;
  constexpr std::array<std::string_view, 7> kTypes{"array", "boolean", "integer", "number", "object", "string", "null"};
  constexpr std::array<std::string_view, 11> kSame{"title",    "description", "format",    "minimum",
                                                   "maximum",  "enum",        "minLength", "maxLength",
                                                   "minItems", "maxItems",    "required"};
  for (const auto& member : schema.GetObject()) {
    const auto name = json::view(member.name);
    json::Value value;
    if (name == "type" && member.value.IsString() && json::view(member.value) != "null" &&
        std::ranges::find(kTypes, json::view(member.value)) != kTypes.end()) {
      value.CopyFrom(member.value, allocator);
    } else if (std::ranges::find(kSame, name) != kSame.end() && !member.value.IsBool()) {
      value.CopyFrom(member.value, allocator);
    } else if (name == "items") {
      value = swagger_schema(member.value, allocator);
    } else if (name == "properties" && member.value.IsObject()) {
      value.SetObject();
      for (const auto& property : member.value.GetObject()) {
        value.AddMember(json::Value(property.name, allocator), swagger_schema(property.value, allocator), allocator);
      }
    } else {
      continue;
    }
    result.AddMember(json::string(name, allocator), value, allocator);
  }
  const auto* type = json::find(result, "type");
  if (type && json::view(*type) == "array" && !json::find(result, "items")) {
    result.AddMember("items", json::Value(rapidjson::kObjectType), allocator);
  }
  return result;
}

}  // namespace berth::dialects
