// SPDX-License-Identifier: Apache-2.0
#include "core/convert.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/text.h"
#include "core/scalars.h"

namespace berth::core {
namespace {

// Of a list with more wrong elements these are named; the rest is not even looked at.
constexpr rapidjson::SizeType kMaxWrongElements = 100;

constexpr std::string_view kNull = "Field may not be null.";
constexpr std::string_view kMissing = "Missing data for required field.";
constexpr std::string_view kNotInteger = "Not a valid integer.";
constexpr std::string_view kTooLarge = "Number too large.";
constexpr std::string_view kNotNumber = "Not a valid number.";
constexpr std::string_view kNotFinite = "Special numeric values (nan or infinity) are not permitted.";

Converted wrong(std::string_view message, Allocator& allocator) { return {{}, error_list(message, allocator)}; }

Converted text_value(const std::optional<std::string>& text, std::string_view message, Allocator& allocator) {
  if (!text) return wrong(message, allocator);
  return {json::string(*text, allocator), {}};
}

Converted convert_integer(const ArgSpec& spec, const Input& input, Allocator& allocator) {
  if (input.is_text()) {
    // In a query or form text is all that a number can be; in JSON a strict argument must not be quoted.
    if (spec.strict && input.json) return wrong(kNotInteger, allocator);
    const auto read = read_integer(input.as_text());
    if (read.fault == NumberFault::malformed) return wrong(kNotInteger, allocator);
    if (read.fault == NumberFault::too_large) return wrong(kTooLarge, allocator);
    return {json::Value(read.value), {}};
  }
  const auto& value = *input.json;
  if (value.IsInt64()) return {json::Value(value.GetInt64()), {}};
  if (value.IsUint64()) return wrong(kTooLarge, allocator);
  if (!value.IsDouble() || spec.strict || std::isnan(value.GetDouble())) return wrong(kNotInteger, allocator);
  const double whole = std::trunc(value.GetDouble());
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (whole >= kLimit || whole < -kLimit) return wrong(kTooLarge, allocator);
  return {json::Value(static_cast<std::int64_t>(whole)), {}};
}

Converted convert_number(const Input& input, Allocator& allocator) {
  std::optional<double> number;
  if (input.is_text()) {
    number = read_number(input.as_text());
  } else if (input.json->IsNumber()) {
    number = input.json->GetDouble();
  }
  if (!number) return wrong(kNotNumber, allocator);
  if (!std::isfinite(*number)) return wrong(kNotFinite, allocator);
  return {json::Value(*number), {}};
}

Converted convert_boolean(const Input& input, Allocator& allocator) {
  if (input.is_text()) {
    if (const auto word = read_boolean(input.as_text())) return {json::Value(*word), {}};
  } else if (input.json->IsBool()) {
    return {json::Value(input.json->GetBool()), {}};
  } else if (input.json->IsNumber() && (input.json->GetDouble() == 0 || input.json->GetDouble() == 1)) {
    return {json::Value(input.json->GetDouble() == 1), {}};
  }
  return wrong("Not a valid boolean.", allocator);
}

Converted convert_text(const ArgSpec& spec, const Input& input, Allocator& allocator) {
  if (!input.is_text()) return wrong("Not a valid string.", allocator);
  Converted result{json::string(input.as_text(), allocator), {}};
  std::string_view complaint;
  if (spec.type == ArgType::url && !is_url(input.as_text())) complaint = "Not a valid URL.";
  if (spec.type == ArgType::email && !is_email(input.as_text())) complaint = "Not a valid email address.";
  if (!complaint.empty()) result.errors = error_list(complaint, allocator);
  return result;
}

// Dates and UUIDs: texts that are normalised.
Converted convert_normalised(const ArgSpec& spec, const Input& input, Allocator& allocator) {
  const bool is_text = input.is_text();
  const auto text = is_text ? input.as_text() : std::string_view();
  if (spec.type == ArgType::date) return text_value(read_date(text), "Not a valid date.", allocator);
  if (spec.type == ArgType::datetime) return text_value(read_datetime(text), "Not a valid datetime.", allocator);
  return text_value(read_uuid(text), "Not a valid UUID.", allocator);
}

// A text has as many values as JSON may have.
constexpr auto kMaxCommas = static_cast<std::ptrdiff_t>(json::kMaxValues);

// Adds one element to a list under way; errors are collected by index.
void add_element(const ArgSpec& list, const Input& input, Converted& into, Allocator& allocator) {
  if (!into.good() && into.errors.MemberCount() >= kMaxWrongElements) return;
  const auto index = std::to_string(into.value.Size());
  Converted element;
  if (!list.items.empty()) {
    element = convert(list.items.front(), input, allocator);
  } else if (input.json) {
    element.value.CopyFrom(*input.json, allocator);
  } else {
    element = convert(ArgSpec{}, input, allocator);
  }
  if (!element.good()) {
    if (into.good()) into.errors.SetObject();
    into.errors.AddMember(json::string(index, allocator), element.errors, allocator);
  }
  into.value.PushBack(element.value, allocator);
}

Converted finish_list(const ArgSpec& list, Converted&& result, Allocator& allocator) {
  if (result.good()) validate(list, result.value, result.errors, allocator);
  return std::move(result);
}

Converted convert_list(const ArgSpec& spec, const Input& input, Allocator& allocator) {
  Converted result{json::Value(rapidjson::kArrayType), {}};
  if (input.json && input.json->IsArray()) {
    for (const auto& element : input.json->GetArray()) add_element(spec, {{}, &element}, result, allocator);
  } else if (!spec.delimited) {
    add_element(spec, input, result, allocator);
  } else if (!input.is_text()) {
    return wrong("Not a valid list.", allocator);
  } else if (std::ranges::count(input.as_text(), ',') >= kMaxCommas) {
    return wrong("Longer than maximum length " + std::to_string(json::kMaxValues) + ".", allocator);
  } else {
    for (auto rest = input.as_text();;) {
      const auto comma = rest.find(',');
      add_element(spec, {rest.substr(0, comma), nullptr}, result, allocator);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return finish_list(spec, std::move(result), allocator);
}

Converted convert_nested(const ArgSpec& spec, const Input& input, Allocator& allocator) {
  Converted result{json::Value(rapidjson::kObjectType), {}};
  if (!input.json || !input.json->IsObject()) {
    result.errors.SetObject();
    result.errors.AddMember("_schema", error_list("Invalid input type.", allocator), allocator);
    return result;
  }
  for (const auto& field : spec.fields) {
    const auto* member = json::find(*input.json, field.key);
    bool absent = false;
    Converted one;
    if (member) {
      one = convert(field, {{}, member}, allocator);
    } else {
      auto missing = convert_missing(field, allocator);
      one = std::move(missing.result);
      absent = missing.absent;
    }
    if (absent) continue;
    if (one.good()) {
      result.value.AddMember(json::string(field.name, allocator), one.value, allocator);
    } else {
      if (result.good()) result.errors.SetObject();
      result.errors.AddMember(json::string(field.key, allocator), one.errors, allocator);
    }
  }
  return result;
}

Converted convert_by_type(const ArgSpec& spec, const Input& input, Allocator& allocator) {
  switch (spec.type) {
    case ArgType::string:
    case ArgType::url:
    case ArgType::email: return convert_text(spec, input, allocator);
    case ArgType::integer: return convert_integer(spec, input, allocator);
    case ArgType::number: return convert_number(input, allocator);
    case ArgType::boolean: return convert_boolean(input, allocator);
    case ArgType::date:
    case ArgType::datetime:
    case ArgType::uuid: return convert_normalised(spec, input, allocator);
    case ArgType::list: return convert_list(spec, input, allocator);
    case ArgType::nested: return convert_nested(spec, input, allocator);
    case ArgType::dict:
      if (input.json && input.json->IsObject()) return {json::Value(*input.json, allocator), {}};
      return wrong("Not a valid mapping type.", allocator);
    case ArgType::file: break;
  }
  return wrong("Not a valid file.", allocator);
}

}  // namespace

json::Value error_list(std::string_view message, Allocator& allocator) {
  json::Value list(rapidjson::kArrayType);
  list.PushBack(json::string(message, allocator), allocator);
  return list;
}

Converted convert(const ArgSpec& spec, const Input& input, Allocator& allocator) {
  if (input.json && input.json->IsNull()) return spec.nullable ? Converted{} : wrong(kNull, allocator);
  // JSON was checked when it was read; a form or a header may hold any bytes.
  if (!input.json && !is_utf8(input.text)) return wrong("Not a valid utf-8 string.", allocator);
  auto result = convert_by_type(spec, input, allocator);
  const bool has_value = !result.value.IsNull() && spec.type != ArgType::list && spec.type != ArgType::nested;
  if (has_value) validate(spec, result.value, result.errors, allocator);
  return result;
}

Converted convert_texts(const ArgSpec& list, const std::vector<std::string>& texts, Allocator& allocator) {
  if (list.delimited) return convert_list(list, {texts.front(), nullptr}, allocator);
  Converted result{json::Value(rapidjson::kArrayType), {}};
  for (const auto& text : texts) add_element(list, {text, nullptr}, result, allocator);
  return finish_list(list, std::move(result), allocator);
}

Absent convert_missing(const ArgSpec& spec, Allocator& allocator) {
  if (spec.required) return {wrong(kMissing, allocator), false};
  if (spec.default_json.empty()) return {{}, true};
  Absent result;
  // It was checked and normalised when the spec was read.
  if (const auto value = json::parse(spec.default_json)) result.result.value.CopyFrom(*value, allocator);
  return result;
}

}  // namespace berth::core
