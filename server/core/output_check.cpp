// SPDX-License-Identifier: Apache-2.0
#include "core/output_check.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace berth::core {
namespace {

// An answer has its own bound: max_output_bytes.
constexpr auto kAnyNumber = std::numeric_limits<std::size_t>::max();

// Passes an answer on to its schema, if there is one, while it looks at the numbers and the depth; keeps nothing of it.
class Inspector {
 public:
  explicit Inspector(rapidjson::SchemaValidator* schema) : schema_(schema) {}
  bool all_finite() const { return all_finite_; }
  bool too_deep() const { return depth_ > json::kMaxDepth; }

  bool Null() { return !schema_ || schema_->Null(); }
  bool Bool(bool v) { return !schema_ || schema_->Bool(v); }
  bool Int(int v) { return !schema_ || schema_->Int(v); }
  bool Uint(unsigned v) { return !schema_ || schema_->Uint(v); }
  bool Int64(std::int64_t v) { return !schema_ || schema_->Int64(v); }
  bool Uint64(std::uint64_t v) { return !schema_ || schema_->Uint64(v); }
  bool Double(double v) {
    all_finite_ = all_finite_ && std::isfinite(v);
    return !schema_ || schema_->Double(v);
  }
  bool RawNumber(const char* v, rapidjson::SizeType n, bool copy) { return !schema_ || schema_->RawNumber(v, n, copy); }
  bool String(const char* v, rapidjson::SizeType n, bool copy) { return !schema_ || schema_->String(v, n, copy); }
  bool Key(const char* v, rapidjson::SizeType n, bool copy) { return !schema_ || schema_->Key(v, n, copy); }
  bool StartObject() { return ++depth_ <= json::kMaxDepth && (!schema_ || schema_->StartObject()); }
  bool StartArray() { return ++depth_ <= json::kMaxDepth && (!schema_ || schema_->StartArray()); }
  bool EndObject(rapidjson::SizeType n) { return --depth_ >= 0 && (!schema_ || schema_->EndObject(n)); }
  bool EndArray(rapidjson::SizeType n) { return --depth_ >= 0 && (!schema_ || schema_->EndArray(n)); }

 private:
  rapidjson::SchemaValidator* const schema_;
  bool all_finite_ = true;
  int depth_ = 0;
};

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

Error breaks_schema(std::string_view text, const ResponseSchema& schema, const rapidjson::SchemaValidator& validator) {
  auto field = pointer_text(validator.GetInvalidDocumentPointer());
  if (std::string_view(validator.GetInvalidSchemaKeyword()) == "required") {
    const auto value = json::parse(text, true, kAnyNumber);
    if (value) field += missing_member(*value, schema, validator);
  }
  return {.code = Code::internal,
          .message = "the model's answer does not fit its response schema: field '" + field + "' breaks '" +
                     validator.GetInvalidSchemaKeyword() + "' of '" +
                     pointer_text(validator.GetInvalidSchemaPointer()) + "'"};
}

// One pass over the text: whether it is JSON, as the schema says, and all its numbers are finite.
Result<bool> is_finite_json(std::string_view text, const ResponseSchema* schema) {
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag |
                              rapidjson::kParseIterativeFlag | rapidjson::kParseNanAndInfFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  std::optional<rapidjson::SchemaValidator> validator;
  if (schema) validator.emplace(schema->compiled);
  Inspector inspector(validator ? &*validator : nullptr);
  const auto parsed = reader.Parse<kFlags>(stream, inspector);
  if (validator && !validator->IsValid()) return failure(breaks_schema(text, *schema, *validator));
  if (!parsed.IsError()) return inspector.all_finite();
  const std::string why = inspector.too_deep() ? "it is nested too deeply" : rapidjson::GetParseError_En(parsed.Code());
  return failure(Code::internal,
                 "the model's answer is not valid JSON: " + why + " (at byte " + std::to_string(parsed.Offset()) + ")");
}

}  // namespace

Result<hosting::Output> check_output(hosting::Output output, const ResponseSchema* schema,
                                     const log::Context& context) {
  if (output.kind != hosting::Output::Kind::json) return output;
  const auto finite = is_finite_json(output.body.view(), schema);
  if (!finite) return tl::unexpected<Error>(finite.error());
  if (*finite) return output;
  const auto value = json::parse(output.body.view(), true, kAnyNumber);
  if (!value) return failure(Code::internal, "the model's answer is not valid JSON: " + value.error().message);
  log::warning("the model's answer holds numbers that are not finite; they are sent as null", context);
  output.body = Bytes(json::to_text(*value));
  return output;
}

}  // namespace berth::core
