// SPDX-License-Identifier: Apache-2.0
// Arguments: what a model declares, and the check of what a client sent against it, with DEEPaaS V2's rules and
// messages.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "hosting/call.h"

namespace berth::core {

enum class ArgType { string, integer, number, boolean, date, datetime, url, uuid, email, list, dict, nested, file };
enum class ArgSource { any, query, form, json, header };  // any: query, then form, then JSON; the first hit wins

// One declared argument. Read from the JSON that the SDK's ArgSpecs writes (docs/args.md).
struct ArgSpec {
  std::string name;  // the key that the model sees
  std::string key;   // the key on the wire; = name unless declared
  ArgType type = ArgType::string;
  ArgSource source = ArgSource::any;
  bool required = false;
  bool nullable = false;
  bool strict = false;     // integers: no 2.0
  bool delimited = false;  // list: one string "1,2,3" is split
  std::string help;
  std::string default_json;  // "" = none
  std::vector<std::string> choices_json;
  std::optional<double> minimum, maximum;
  std::optional<std::size_t> min_length, max_length;
  std::vector<ArgSpec> items;   // list: exactly one, the element
  std::vector<ArgSpec> fields;  // nested
};
using ArgSpecs = std::vector<ArgSpec>;

// invalid_argument names the spec and what is wrong with it: an unknown type, a default that does not satisfy its own
// spec, `files` or `urls` as a name, the same name twice. [any]
Result<ArgSpecs> parse_arg_specs(std::string_view json);

// What a client sent for one argument: texts from a query, form or header (repeated keys: several), or a JSON value.
using RawValue = std::variant<std::vector<std::string>, const json::Value*>;
struct RawArgs {
  std::map<std::string, RawValue, std::less<>> values;  // by key on the wire; others are ignored
  std::vector<hosting::File> files;                     // by field; a file spec takes those of its key
};

struct CheckedArgs {
  std::string json;                  // an object, name → value
  std::vector<hosting::File> files;  // only those of declared file arguments, in order
};

// Checks and converts. invalid_argument with Error::fields_json = {"key":["message"],…} naming every bad argument at
// once. [any]
Result<CheckedArgs> check_args(const ArgSpecs& specs, const RawArgs& raw);

}  // namespace berth::core
