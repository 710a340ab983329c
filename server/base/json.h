// SPDX-License-Identifier: Apache-2.0
// JSON for the server: RapidJSON's types under short names, and the few calls that everyone needs.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::json {

using Value = rapidjson::Value;
using Document = rapidjson::Document;
using Buffer = rapidjson::StringBuffer;
using Writer = rapidjson::Writer<Buffer>;

// How deep arrays and objects may nest in a text that comes from outside.
inline constexpr int kMaxDepth = 64;
// How many values it may hold: each takes 16 bytes or more once it is read, and two of text.
inline constexpr std::size_t kMaxValues = 1'000'000;

// Reads one JSON text (UTF-8, RFC 8259). Deeper than kMaxDepth, malformed, or followed by more: invalid_argument, with
// the offset where it is malformed; of more than `max_values` values: too_large. NaN and Infinity are accepted as
// numbers only where `allow_non_finite` says so. [any]
Result<Document> parse(std::string_view text, bool allow_non_finite = false, std::size_t max_values = kMaxValues);

// Compact text. A number that is not finite becomes null. [any]
std::string to_text(const Value& value);

// The text of a JSON string, quotes included.
std::string quote(std::string_view text);

inline Value string(std::string_view text, Document::AllocatorType& allocator) {
  return Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator);
}
inline std::string_view view(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

// The member, or null where `object` is no object or lacks it.
const Value* find(const Value& object, std::string_view name);
// The text of such a member; "" where it is none.
std::string text_at(const Value& object, std::string_view name);

}  // namespace berth::json
