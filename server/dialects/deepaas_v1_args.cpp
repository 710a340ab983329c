// SPDX-License-Identifier: Apache-2.0
#include "dialects/deepaas_v1_args.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "core/scalars.h"

namespace berth::dialects::v1 {
namespace {

using core::ArgSpec;
using core::ArgType;

constexpr std::string_view kMissing =
    "Missing required parameter in the JSON body or the post body or the query string";
constexpr std::string_view kMissingFile = "Missing required parameter in uploaded files";

std::string with_help(const ArgSpec& spec, std::string_view complaint) {
  return spec.help.empty() ? std::string(complaint) : spec.help + " " + std::string(complaint);
}
tl::unexpected<BadArgument> bad(const ArgSpec& spec, std::string_view complaint) {
  return tl::unexpected<BadArgument>(BadArgument{spec.key, with_help(spec, complaint)});
}

// A JSON scalar as the text that Python's str() makes of it.
std::string text_of(const json::Value& value) {
  if (value.IsString()) return std::string(json::view(value));
  if (value.IsBool()) return value.GetBool() ? "True" : "False";
  return json::to_text(value);
}

const json::Value* member(const RequestFields& fields, std::string_view key) {
  const auto* value = fields.json ? json::find(*fields.json, key) : nullptr;
  return value && !value->IsNull() ? value : nullptr;
}

// JSON first, then the query, then the form.
std::optional<core::RawValue> find(const ArgSpec& spec, const http::Request& request, const RequestFields& fields) {
  const auto* value = member(fields, spec.key);
  if (value && value->IsArray() && spec.type != ArgType::list) value = value->Empty() ? nullptr : &(*value)[0];
  if (value) {
    const bool as_text = spec.type == ArgType::string && !value->IsObject() && !value->IsArray();
    if (as_text) return std::vector<std::string>{text_of(*value)};
    return value;
  }
  auto texts = all_of(request.query, spec.key);
  if (texts.empty() || spec.type == ArgType::list)
    std::ranges::move(all_of(fields.form, spec.key), std::back_inserter(texts));
  if (texts.empty()) return std::nullopt;
  return texts;
}

// Python's own words for a text that int() or float() refuses.
std::string refusal(const ArgSpec& spec, const core::RawValue& value) {
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  const auto* json_value = texts ? nullptr : std::get<const json::Value*>(value);
  if (!texts && !json_value->IsString()) return "";
  const std::string text = texts ? texts->front() : std::string(json::view(*json_value));
  if (!is_utf8(text)) return "";
  if (spec.type == ArgType::integer && core::read_integer(text).fault == core::NumberFault::malformed) {
    return "invalid literal for int() with base 10: '" + text + "'";
  }
  if (spec.type == ArgType::number && !core::read_number(text)) {
    return "could not convert string to float: '" + text + "'";
  }
  const auto is_choice = [&](const std::string& choice) { return choice == json::quote(text); };
  if (spec.type == ArgType::string && !spec.choices_json.empty() &&
      std::ranges::none_of(spec.choices_json, is_choice)) {
    return "The value '" + text + "' is not a valid choice for '" + spec.key + "'.";
  }
  return "";
}

std::vector<std::string> read_urls(const http::Request& request, const RequestFields& fields) {
  std::vector<std::string> urls;
  if (const auto* value = member(fields, "url")) {
    if (!value->IsArray()) {
      urls.push_back(text_of(*value));
    } else {
      for (const auto& url : value->GetArray()) urls.push_back(text_of(url));
    }
  }
  std::ranges::move(all_of(request.query, "url"), std::back_inserter(urls));
  std::ranges::move(all_of(fields.form, "url"), std::back_inserter(urls));
  return urls;
}

// The files of one declared argument, or the complaint that there are none. `data` has a rule of its own.
bool take_files(const ArgSpec& spec, const RequestFields& fields, core::RawArgs& raw) {
  const auto before = raw.files.size();
  std::ranges::copy_if(fields.files, std::back_inserter(raw.files),
                       [&](const hosting::File& file) { return file.field == spec.key; });
  return raw.files.size() > before || !spec.required || spec.key == "data";
}

// What is in an error of check_args, however deep: its first message.
std::string first_message(const json::Value& errors) {
  if (errors.IsString()) return std::string(json::view(errors));
  if (errors.IsArray() && !errors.Empty()) return first_message(errors[0]);
  if (errors.IsObject() && !errors.ObjectEmpty()) return first_message(errors.MemberBegin()->value);
  return "is not valid";
}

}  // namespace

tl::expected<Args, BadArgument> read_args(const core::ArgSpecs& specs, const http::Request& request,
                                          const RequestFields& fields) {
  Args args;
  for (const auto& spec : specs) {
    if (spec.type == ArgType::file) {
      if (!take_files(spec, fields, args.raw)) return bad(spec, kMissingFile);
      continue;
    }
    std::optional<core::RawValue> value;
    if (spec.source == core::ArgSource::header) {
      if (const auto header = request.header(to_lower(spec.key)))
        value = std::vector<std::string>{std::string(*header)};
    } else {
      value = find(spec, request, fields);
    }
    if (!value && spec.required) return bad(spec, kMissing);
    if (!value) continue;
    if (const auto complaint = refusal(spec, *value); !complaint.empty()) return bad(spec, complaint);
    args.raw.values.emplace(spec.key, std::move(*value));
  }
  args.urls = read_urls(request, fields);
  const auto data = std::ranges::find(fields.files, "data", &hosting::File::field);
  if (data != fields.files.end()) args.data.push_back(*data);
  return args;
}

BadArgument first_bad(const core::ArgSpecs& specs, const std::string& fields_json) {
  const auto fields = json::parse(fields_json);
  for (const auto& spec : specs) {
    const auto* errors = fields ? json::find(*fields, spec.key) : nullptr;
    if (errors) return {spec.key, with_help(spec, first_message(*errors))};
  }
  return {"", "is not valid"};
}

}  // namespace berth::dialects::v1
