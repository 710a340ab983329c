// SPDX-License-Identifier: Apache-2.0
#include "base/json_object.h"

#include <utility>

#include "base/json.h"

namespace berth::json {

ObjectText& ObjectText::raw(std::string_view name, std::string_view value) {
  text_.append(text_.size() > 1 ? "," : "").append(quote(name)).append(":").append(value);
  return *this;
}

ObjectText& ObjectText::text(std::string_view name, std::string_view value) { return raw(name, quote(value)); }
ObjectText& ObjectText::number(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }
ObjectText& ObjectText::flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }

ObjectText& ObjectText::optional(std::string_view name, const std::optional<std::string>& value) {
  return value ? text(name, *value) : raw(name, "null");
}

std::string ObjectText::done() { return std::move(text_.append("}")); }

}  // namespace berth::json
