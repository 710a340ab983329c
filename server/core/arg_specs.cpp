// SPDX-License-Identifier: Apache-2.0
// Reads what the SDK's ArgSpecs wrote (docs/args.md) and refuses what could never be checked.
#include <algorithm>
#include <array>
#include <set>

#include "core/args.h"
#include "core/convert.h"

namespace berth::core {
namespace {

enum class Place { top, field, item };

struct TypeName {
  std::string_view name;
  ArgType type;
};
constexpr std::array<TypeName, 13> kTypes{{{"str", ArgType::string},
                                           {"int", ArgType::integer},
                                           {"float", ArgType::number},
                                           {"bool", ArgType::boolean},
                                           {"date", ArgType::date},
                                           {"datetime", ArgType::datetime},
                                           {"url", ArgType::url},
                                           {"uuid", ArgType::uuid},
                                           {"email", ArgType::email},
                                           {"list", ArgType::list},
                                           {"dict", ArgType::dict},
                                           {"nested", ArgType::nested},
                                           {"file", ArgType::file}}};

// Ends the reading of one spec with the reason; caught in parse_arg_specs, never leaves this file.
struct BadSpec {
  std::string reason;
};

bool is_scalar(ArgType type) {
  return type != ArgType::list && type != ArgType::dict && type != ArgType::nested && type != ArgType::file;
}
bool has_length(ArgType type) {
  return type == ArgType::string || type == ArgType::url || type == ArgType::email || type == ArgType::list;
}
bool is_number(ArgType type) { return type == ArgType::integer || type == ArgType::number; }

// The members of one spec's object, each checked for its JSON type.
class Reader {
 public:
  explicit Reader(const json::Value& object) : object_(object) {}

  const json::Value* any(std::string_view name) const { return json::find(object_, name); }
  std::string text(std::string_view name) const {
    const auto* value = any(name);
    if (value && !value->IsString()) throw BadSpec{quoted(name) + " must be a string"};
    return value ? std::string(json::view(*value)) : std::string();
  }
  bool flag(std::string_view name) const {
    const auto* value = any(name);
    if (value && !value->IsBool()) throw BadSpec{quoted(name) + " must be true or false"};
    return value && value->GetBool();
  }
  std::optional<double> number(std::string_view name) const {
    const auto* value = any(name);
    if (value && !value->IsNumber()) throw BadSpec{quoted(name) + " must be a number"};
    return value ? std::optional(value->GetDouble()) : std::nullopt;
  }
  std::optional<std::size_t> size(std::string_view name) const {
    const auto* value = any(name);
    if (value && !value->IsUint64()) throw BadSpec{quoted(name) + " must be an integer that is not negative"};
    return value ? std::optional<std::size_t>(value->GetUint64()) : std::nullopt;
  }
  void refuse_unknown() const {
    constexpr std::array<std::string_view, 17> kKnown{
        "name", "key", "type",       "default",    "required", "nullable",  "strict", "help",  "choices",
        "min",  "max", "min_length", "max_length", "source",   "delimited", "items",  "fields"};
    for (const auto& member : object_.GetObject()) {
      if (std::ranges::find(kKnown, json::view(member.name)) == kKnown.end()) {
        throw BadSpec{"unknown member " + quoted(json::view(member.name))};
      }
    }
  }
  // Throws where a member is there that means nothing for this type.
  void refuse(bool unfit, std::initializer_list<std::string_view> names, std::string_view type) const {
    if (!unfit) return;
    for (const auto name : names) {
      if (any(name)) throw BadSpec{quoted(name) + " does not fit the type " + quoted(type)};
    }
  }
  static std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

 private:
  const json::Value& object_;
};

ArgType read_type(const Reader& reader) {
  const auto name = reader.any("type") ? reader.text("type") : "str";
  const auto found = std::ranges::find(kTypes, std::string_view(name), &TypeName::name);
  if (found == kTypes.end()) throw BadSpec{"unknown type " + Reader::quoted(name)};
  return found->type;
}

ArgSource read_source(const Reader& reader) {
  const auto name = reader.text("source");
  if (name.empty()) return ArgSource::any;
  if (name == "query") return ArgSource::query;
  if (name == "form") return ArgSource::form;
  if (name == "json") return ArgSource::json;
  if (name == "header") return ArgSource::header;
  throw BadSpec{"unknown source " + Reader::quoted(name)};
}

void refuse_unfit(const Reader& reader, const ArgSpec& spec) {
  const auto type = std::ranges::find(kTypes, spec.type, &TypeName::type)->name;
  reader.refuse(!is_number(spec.type), {"min", "max"}, type);
  reader.refuse(!has_length(spec.type), {"min_length", "max_length"}, type);
  reader.refuse(spec.type != ArgType::integer, {"strict"}, type);
  reader.refuse(spec.type != ArgType::list, {"delimited", "items"}, type);
  reader.refuse(spec.type != ArgType::nested, {"fields"}, type);
  reader.refuse(!is_scalar(spec.type), {"choices"}, type);
  reader.refuse(spec.type == ArgType::file, {"default", "nullable", "source"}, type);
  if (spec.source == ArgSource::header && !is_scalar(spec.type)) throw BadSpec{"a header holds only a scalar"};
}

// The value in the form that converted ones have; `what` is 'default' or 'choices' for the reason.
std::string normalise(const ArgSpec& spec, const json::Value& value, std::string_view what) {
  json::Document scratch;
  const auto converted = convert(spec, {{}, &value}, scratch.GetAllocator());
  if (converted.good()) return json::to_text(converted.value);
  throw BadSpec{"its " + std::string(what) + " " + json::to_text(value) +
                " does not satisfy it: " + json::to_text(converted.errors)};
}

void read_choices(const Reader& reader, ArgSpec& spec) {
  const auto* choices = reader.any("choices");
  if (!choices) return;
  if (!choices->IsArray() || choices->Empty()) throw BadSpec{"'choices' must be an array that is not empty"};
  std::vector<std::string> normalised;
  for (const auto& choice : choices->GetArray()) normalised.push_back(normalise(spec, choice, "choice"));
  spec.choices_json = std::move(normalised);
}

void read_default(const Reader& reader, ArgSpec& spec) {
  const auto* value = reader.any("default");
  if (!value) return;
  if (spec.required) throw BadSpec{"a required argument has no default"};
  if (value->IsNull()) spec.nullable = true;
  spec.default_json = normalise(spec, *value, "default");
}

ArgSpec read_spec(const json::Value& object, Place place);

ArgSpecs read_specs(const json::Value& array, Place place) {
  if (!array.IsArray()) throw BadSpec{"argument specs must be an array"};
  ArgSpecs specs;
  std::set<std::string> names;
  std::set<std::string> keys;
  for (const auto& object : array.GetArray()) {
    specs.push_back(read_spec(object, place));
    const auto& spec = specs.back();
    if (!names.insert(spec.name).second) throw BadSpec{"the name " + Reader::quoted(spec.name) + " is there twice"};
    if (!keys.insert(spec.key).second) throw BadSpec{"the key " + Reader::quoted(spec.key) + " is there twice"};
  }
  return specs;
}

void read_inner(const Reader& reader, ArgSpec& spec) {
  if (spec.type == ArgType::nested) {
    const auto* fields = reader.any("fields");
    if (!fields) throw BadSpec{"a nested argument needs 'fields'"};
    spec.fields = read_specs(*fields, Place::field);
  }
  if (const auto* items = reader.any("items")) spec.items.push_back(read_spec(*items, Place::item));
}

void check_place(const Reader& reader, const ArgSpec& spec, Place place) {
  if (place == Place::item) {
    if (spec.type == ArgType::file || spec.type == ArgType::list) throw BadSpec{"a list of these is not possible"};
    if (reader.any("default") || spec.required) throw BadSpec{"an element has no 'default' or 'required'"};
    return;
  }
  if (spec.name.empty()) throw BadSpec{"an argument without a name"};
  if (place == Place::field && spec.type == ArgType::file) throw BadSpec{"files come at the top level only"};
  const bool reserved = spec.name == "files" || spec.name == "urls" || spec.key == "files" || spec.key == "urls";
  if (place == Place::top && reserved) {
    throw BadSpec{"'files' and 'urls' are the input itself and cannot be names of arguments"};
  }
}

ArgSpec read_spec_unnamed(const json::Value& object, Place place) {
  const Reader reader(object);
  reader.refuse_unknown();
  ArgSpec spec;
  spec.name = reader.text("name");
  spec.key = reader.any("key") ? reader.text("key") : spec.name;
  spec.type = read_type(reader);
  spec.source = read_source(reader);
  spec.required = reader.flag("required");
  spec.nullable = reader.flag("nullable");
  spec.strict = reader.flag("strict");
  spec.delimited = reader.flag("delimited");
  spec.help = reader.text("help");
  spec.minimum = reader.number("min");
  spec.maximum = reader.number("max");
  spec.min_length = reader.size("min_length");
  spec.max_length = reader.size("max_length");
  refuse_unfit(reader, spec);
  check_place(reader, spec, place);
  read_inner(reader, spec);
  read_choices(reader, spec);
  read_default(reader, spec);
  return spec;
}

ArgSpec read_spec(const json::Value& object, Place place) {
  if (!object.IsObject()) throw BadSpec{"an argument spec must be an object"};
  try {
    return read_spec_unnamed(object, place);
  } catch (const BadSpec& bad) {
    const auto* name = json::find(object, "name");
    if (!name || !name->IsString()) throw;
    throw BadSpec{"argument '" + std::string(json::view(*name)) + "': " + bad.reason};
  }
}

}  // namespace

Result<ArgSpecs> parse_arg_specs(std::string_view text) {
  const auto document = json::parse(text);
  if (!document) return failure(Code::invalid_argument, "argument specs are no JSON: " + document.error().message);
  try {
    return read_specs(*document, Place::top);
  } catch (const BadSpec& bad) {
    return failure(Code::invalid_argument, bad.reason);
  }
}

}  // namespace berth::core
