// SPDX-License-Identifier: Apache-2.0
#include "core/output_check.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cmath>
#include <limits>

#include "base/json.h"

namespace berth::core {
namespace {

// An answer has its own bound: max_output_bytes.
constexpr auto kAnyNumber = std::numeric_limits<std::size_t>::max();

// Sees every number go by; keeps nothing.
struct Inspector : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Inspector> {
  bool all_finite = true;
  bool Double(double value) {
    all_finite = all_finite && std::isfinite(value);
    return true;
  }
};

Result<bool> is_finite_json(std::string_view text) {
  constexpr unsigned kFlags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag | rapidjson::kParseNanAndInfFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Inspector inspector;
  const auto parsed = reader.Parse<kFlags>(stream, inspector);
  if (parsed.IsError()) {
    return failure(Code::internal, std::string("the model's answer is no JSON: ") +
                                       rapidjson::GetParseError_En(parsed.Code()) + " (at byte " +
                                       std::to_string(parsed.Offset()) + ")");
  }
  return inspector.all_finite;
}

std::string pointer_text(const rapidjson::Pointer& pointer) {
  json::Buffer buffer;
  pointer.Stringify(buffer);
  return {buffer.GetString(), buffer.GetSize()};
}

// The validator names the object that lacks a required member; people want the member.
std::string missing_member(const json::Document& value, const ResponseSchema& schema,
                           const rapidjson::SchemaValidator& validator) {
  // The analyser loses sight of the pointers' destructors, which free what it says is leaked.
  // NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks,clang-analyzer-unix.Malloc)
  const auto* rule = validator.GetInvalidSchemaPointer().Get(schema.source);
  const auto* object = validator.GetInvalidDocumentPointer().Get(value);
  // NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks,clang-analyzer-unix.Malloc)
  const auto* required = rule ? json::find(*rule, "required") : nullptr;
  if (!object || !required || !required->IsArray()) return {};
  for (const auto& name : required->GetArray()) {
    if (name.IsString() && !json::find(*object, json::view(name))) return "/" + std::string(json::view(name));
  }
  return {};
}

Result<> check_schema(const json::Document& value, const ResponseSchema& schema) {
  rapidjson::SchemaValidator validator(schema.compiled);
  if (value.Accept(validator)) return {};
  auto field = pointer_text(validator.GetInvalidDocumentPointer());
  if (std::string_view(validator.GetInvalidSchemaKeyword()) == "required") {
    field += missing_member(value, schema, validator);
  }
  return failure(Code::internal, "the model's answer does not fit its response schema: field '" + field + "' breaks '" +
                                     validator.GetInvalidSchemaKeyword() + "' of '" +
                                     pointer_text(validator.GetInvalidSchemaPointer()) + "'");
}

}  // namespace

Result<hosting::Output> check_output(hosting::Output output, const ResponseSchema* schema,
                                     const log::Context& context) {
  if (output.kind != hosting::Output::Kind::json) return output;
  const auto finite = is_finite_json(output.body.view());
  if (!finite) return tl::unexpected<Error>(finite.error());
  if (*finite && !schema) return output;
  const auto value = json::parse(output.body.view(), true, kAnyNumber);
  if (!value) return failure(Code::internal, "the model's answer is no JSON: " + value.error().message);
  if (!*finite) {
    log::warning("the model's answer holds numbers that are not finite; they are sent as null", context);
    output.body = Bytes(json::to_text(*value));
  }
  if (schema) {
    if (auto fits = check_schema(*value, *schema); !fits) return tl::unexpected<Error>(fits.error());
  }
  return output;
}

}  // namespace berth::core
