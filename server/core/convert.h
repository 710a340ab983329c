// SPDX-License-Identifier: Apache-2.0
// Convert: turns one value that a client sent into the JSON that its spec asks for, or says what is wrong with it.
#pragma once

#include <string_view>

#include "core/args.h"

namespace berth::core {

// One value as it came: a text from a query, form or header, or JSON (then `text` is unused).
struct Input {
  std::string_view text;
  const json::Value* json = nullptr;

  bool is_text() const { return json == nullptr || json->IsString(); }
  std::string_view as_text() const { return json ? json::view(*json) : text; }
};

// `errors` is null where the value is good; else as marshmallow writes them: ["message"] or {"0":["message"]}.
struct Converted {
  json::Value value;
  json::Value errors;

  bool good() const { return errors.IsNull(); }
};

using Allocator = json::Document::AllocatorType;

// Never for files.
Converted convert(const ArgSpec& spec, const Input& input, Allocator& allocator);

// The elements of a list that came as repeated keys.
Converted convert_texts(const ArgSpec& list, const std::vector<std::string>& texts, Allocator& allocator);

// ["message"]
json::Value error_list(std::string_view message, Allocator& allocator);

// What becomes of an argument; nothing where it has no value (a value and errors that are both null, `absent` true).
struct Absent {
  Converted result;
  bool absent = false;
};
// The spec's default, or a missing-field error, or nothing.
Absent convert_missing(const ArgSpec& spec, Allocator& allocator);

// What `choices` may say no to, and ranges and lengths; appends messages.
void validate(const ArgSpec& spec, const json::Value& value, json::Value& errors, Allocator& allocator);

}  // namespace berth::core
