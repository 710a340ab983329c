// SPDX-License-Identifier: Apache-2.0
#include "core/args.h"

#include <algorithm>
#include <iterator>

#include "core/convert.h"

namespace berth::core {
namespace {

Converted convert_raw(const ArgSpec& spec, const RawValue& raw, Allocator& allocator) {
  if (const auto* value = std::get_if<const json::Value*>(&raw)) return convert(spec, {{}, *value}, allocator);
  const auto& texts = std::get<std::vector<std::string>>(raw);
  if (spec.type == ArgType::list) return convert_texts(spec, texts, allocator);
  return convert(spec, {texts.front(), nullptr}, allocator);
}

bool has_input(const RawValue& raw) {
  const auto* texts = std::get_if<std::vector<std::string>>(&raw);
  return !texts || !texts->empty();
}

// Takes the files of one argument over; they are no value of it. Without any it is missing.
Absent take_files(const ArgSpec& spec, const RawArgs& raw, CheckedArgs& checked, Allocator& allocator) {
  const auto before = checked.files.size();
  std::ranges::copy_if(raw.files, std::back_inserter(checked.files),
                       [&](const hosting::File& file) { return file.field == spec.key; });
  return checked.files.size() > before ? Absent{.result = {}, .absent = true} : convert_missing(spec, allocator);
}

}  // namespace

Result<CheckedArgs> check_args(const ArgSpecs& specs, const RawArgs& raw) {
  CheckedArgs checked;
  json::Document values(rapidjson::kObjectType);
  auto& allocator = values.GetAllocator();
  json::Value errors(rapidjson::kObjectType);
  for (const auto& spec : specs) {
    Absent one;
    if (spec.type == ArgType::file) {
      one = take_files(spec, raw, checked, allocator);
    } else if (const auto sent = raw.values.find(spec.key); sent != raw.values.end() && has_input(sent->second)) {
      one.result = convert_raw(spec, sent->second, allocator);
    } else {
      one = convert_missing(spec, allocator);
    }
    if (one.absent) continue;
    if (one.result.good()) {
      values.AddMember(json::string(spec.name, allocator), one.result.value, allocator);
    } else {
      errors.AddMember(json::string(spec.key, allocator), one.result.errors, allocator);
    }
  }
  if (!errors.ObjectEmpty()) {
    return failure(Error{Code::invalid_argument, "the arguments are not valid", json::to_text(errors)});
  }
  checked.json = json::to_text(values);
  return checked;
}

}  // namespace berth::core
