// SPDX-License-Identifier: Apache-2.0
// Arg and ArgSpecs: the arguments that a model declares. The server checks a call against them before the model sees
// it, and shows them in the API document.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/json.h"

namespace berth {
inline namespace sdk_v1 {

enum class ArgType { text, integer, number, boolean, date, datetime, url, uuid, email, list, dict, nested, file };
// Where an argument is read from; any: query, then form, then JSON body, the first that has it.
enum class ArgSource { any, query, form, json, header };

// One argument, described step by step: Arg("top_k").integer().help("how many labels").default_value(5).range(1, 100).
// A text unless it says otherwise. `files` and `urls` are not allowed as names: they are the input itself.
class Arg {
 public:
  explicit Arg(std::string name) : json_(Json::object()) {
    json_["name"] = std::move(name);
    type(ArgType::text);
  }

  // Types. Dates, URLs, UUIDs and e-mail addresses reach the model as checked texts.
  Arg& text() { return type(ArgType::text); }
  Arg& integer() { return type(ArgType::integer); }
  Arg& number() { return type(ArgType::number); }
  Arg& boolean() { return type(ArgType::boolean); }
  Arg& date() { return type(ArgType::date); }          // 2026-11-21
  Arg& datetime() { return type(ArgType::datetime); }  // 2026-11-21T10:00:00
  Arg& url() { return type(ArgType::url); }
  Arg& uuid() { return type(ArgType::uuid); }
  Arg& email() { return type(ArgType::email); }
  Arg& dict() { return type(ArgType::dict); }  // any JSON object
  Arg& file() { return type(ArgType::file); }  // an upload; see Args::files
  Arg& list(ArgType items) { return list(Arg("item").type(items)); }
  Arg& list(const Arg& item) {
    json_["items"] = item.json_;
    json_["items"].erase("name");
    return type(ArgType::list);
  }
  Arg& nested(const std::vector<Arg>& fields) {
    json_["fields"] = Json::array();
    for (const Arg& field : fields) json_["fields"].push_back(field.json_);
    return type(ArgType::nested);
  }
  Arg& type(ArgType type) { return set("type", type_name(type)); }

  Arg& help(std::string text) { return set("help", std::move(text)); }
  Arg& required() { return set("required", true); }
  Arg& nullable() { return set("nullable", true); }    // null is a value of its own
  Arg& strict() { return set("strict", true); }        // integers: 2.0 is none
  Arg& delimited() { return set("delimited", true); }  // lists: "1,2,3" is three elements
  Arg& default_value(Json value) { return set("default", std::move(value)); }
  Arg& choices(std::vector<Json> values) { return set("choices", Json(std::move(values))); }
  Arg& range(double min, double max) { return this->min(min).max(max); }
  Arg& min(double value) { return set("min", number_json(value)); }
  Arg& max(double value) { return set("max", number_json(value)); }
  // Of a text (characters) or a list (elements).
  Arg& length(std::size_t min, std::size_t max) { return set("min_length", min).set("max_length", max); }
  Arg& max_length(std::size_t max) { return set("max_length", max); }
  Arg& key(std::string name) { return set("key", std::move(name)); }  // what clients call it, where not its name
  Arg& source(ArgSource source) {
    if (source == ArgSource::any) {
      json_.erase("source");
      return *this;
    }
    return set("source", source_name(source));
  }

  // As docs/args.md describes it.
  const Json& json() const { return json_; }

 private:
  Arg& set(const char* key, Json value) {
    json_[key] = std::move(value);
    return *this;
  }
  // 10, not 10.0: the bounds are shown to people.
  static Json number_json(double value) {
    const bool is_whole =
        value >= -9e15 && value <= 9e15 && value == static_cast<double>(static_cast<long long>(value));
    return is_whole ? Json(static_cast<long long>(value)) : Json(value);
  }
  static const char* type_name(ArgType type) {
    switch (type) {
      case ArgType::text: return "str";
      case ArgType::integer: return "int";
      case ArgType::number: return "float";
      case ArgType::boolean: return "bool";
      case ArgType::date: return "date";
      case ArgType::datetime: return "datetime";
      case ArgType::url: return "url";
      case ArgType::uuid: return "uuid";
      case ArgType::email: return "email";
      case ArgType::list: return "list";
      case ArgType::dict: return "dict";
      case ArgType::nested: return "nested";
      case ArgType::file: return "file";
    }
    return "str";
  }
  static const char* source_name(ArgSource source) {
    switch (source) {
      case ArgSource::any: return "any";
      case ArgSource::query: return "query";
      case ArgSource::form: return "form";
      case ArgSource::json: return "json";
      case ArgSource::header: return "header";
    }
    return "any";
  }

  Json json_;
};

using ArgSpecs = std::vector<Arg>;

namespace detail {
// Throws std::invalid_argument for a name that no model may declare; the host reads the message when it loads the
// plugin. What else can be wrong with a spec, the host finds.
inline Json to_json(const ArgSpecs& specs) {
  Json json = Json::array();
  for (const Arg& spec : specs) {
    const std::string& name = spec.json()["name"].get_ref<const std::string&>();
    if (name == "files" || name == "urls") {
      throw std::invalid_argument("the argument name '" + name +
                                  "' is reserved for the input itself (Args::files, Args::urls): choose another name");
    }
    json.push_back(spec.json());
  }
  return json;
}
}  // namespace detail

}  // namespace sdk_v1
}  // namespace berth
