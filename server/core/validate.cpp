// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/convert.h"
#include "core/scalars.h"

namespace berth::core {
namespace {

std::string number_text(double number) {
  if (number == std::trunc(number) && std::abs(number) < 1e15) return std::to_string(static_cast<std::int64_t>(number));
  return json::to_text(json::Value(number));
}

std::string range_message(const ArgSpec& spec) {
  std::string text = "Must be ";
  if (spec.minimum) text += "greater than or equal to " + number_text(*spec.minimum);
  if (spec.minimum && spec.maximum) text += " and ";
  if (spec.maximum) text += "less than or equal to " + number_text(*spec.maximum);
  return text + ".";
}

std::string length_message(const ArgSpec& spec) {
  if (spec.min_length && spec.max_length) {
    if (*spec.min_length == *spec.max_length) return "Length must be " + std::to_string(*spec.min_length) + ".";
    return "Length must be between " + std::to_string(*spec.min_length) + " and " + std::to_string(*spec.max_length) +
           ".";
  }
  return spec.min_length ? "Shorter than minimum length " + std::to_string(*spec.min_length) + "."
                         : "Longer than maximum length " + std::to_string(*spec.max_length) + ".";
}

std::string choices_message(const ArgSpec& spec) {
  std::string text;
  for (const auto& choice : spec.choices_json) {
    const auto value = json::parse(choice);
    text += text.empty() ? "" : ", ";
    text += value && value->IsString() ? std::string(json::view(*value)) : choice;
  }
  return "Must be one of: " + text + ".";
}

bool in_range(const ArgSpec& spec, const json::Value& value) {
  if (!value.IsNumber()) return true;
  const double number = value.GetDouble();
  return !(spec.minimum && number < *spec.minimum) && !(spec.maximum && number > *spec.maximum);
}

bool has_length(const ArgSpec& spec, const json::Value& value) {
  std::size_t length = 0;
  if (value.IsString()) {
    length = count_characters(json::view(value));
  } else if (value.IsArray()) {
    length = value.Size();
  } else {
    return true;
  }
  return !(spec.min_length && length < *spec.min_length) && !(spec.max_length && length > *spec.max_length);
}

}  // namespace

void validate(const ArgSpec& spec, const json::Value& value, json::Value& errors, Allocator& allocator) {
  const auto complain = [&](const std::string& message) {
    if (errors.IsNull()) errors.SetArray();
    errors.PushBack(json::string(message, allocator), allocator);
  };
  if (!has_length(spec, value)) complain(length_message(spec));
  if (!in_range(spec, value)) complain(range_message(spec));
  const auto& choices = spec.choices_json;  // normalised as values are
  if (!choices.empty() && std::ranges::find(choices, json::to_text(value)) == choices.end()) {
    complain(choices_message(spec));
  }
}

}  // namespace berth::core
