// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cmath>
#include <cstdint>

namespace berth::json {

namespace {

constexpr unsigned kStrict =
    rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag;

// Passes events on to a document while it counts them, and how deep they are.
class Bounded {
 public:
  Bounded(Document& document, std::size_t max_values) : document_(document), values_left_(max_values) {}
  bool too_deep() const { return depth_ > kMaxDepth; }
  bool too_many() const { return too_many_; }

  bool Null() { return counted() && document_.Null(); }
  bool Bool(bool v) { return counted() && document_.Bool(v); }
  bool Int(int v) { return counted() && document_.Int(v); }
  bool Uint(unsigned v) { return counted() && document_.Uint(v); }
  bool Int64(std::int64_t v) { return counted() && document_.Int64(v); }
  bool Uint64(std::uint64_t v) { return counted() && document_.Uint64(v); }
  bool Double(double v) { return counted() && document_.Double(v); }
  bool RawNumber(const char* v, rapidjson::SizeType n, bool copy) {
    return counted() && document_.RawNumber(v, n, copy);
  }
  bool String(const char* v, rapidjson::SizeType n, bool copy) { return counted() && document_.String(v, n, copy); }
  bool Key(const char* v, rapidjson::SizeType n, bool copy) { return document_.Key(v, n, copy); }
  bool StartObject() { return counted() && deeper() && document_.StartObject(); }
  bool EndObject(rapidjson::SizeType n) {
    --depth_;
    return document_.EndObject(n);
  }
  bool StartArray() { return counted() && deeper() && document_.StartArray(); }
  bool EndArray(rapidjson::SizeType n) {
    --depth_;
    return document_.EndArray(n);
  }

 private:
  bool deeper() { return ++depth_ <= kMaxDepth; }
  bool counted() {
    too_many_ = values_left_ == 0;
    if (!too_many_) --values_left_;
    return !too_many_;
  }

  Document& document_;
  std::size_t values_left_;
  bool too_many_ = false;
  int depth_ = 0;
};

// Writes a number that JSON cannot hold as null.
class FiniteWriter : public Writer {
 public:
  using Writer::Writer;
  bool Double(double value) { return std::isfinite(value) ? Writer::Double(value) : Writer::Null(); }
};

template <unsigned Flags>
Result<Document> parse_with(std::string_view text, std::size_t max_values) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Document document;
  rapidjson::ParseResult result;
  bool too_deep = false;
  bool too_many = false;
  auto generate = [&](Document& target) {
    Bounded handler(target, max_values);
    result = reader.Parse<Flags>(stream, handler);
    too_deep = handler.too_deep();
    too_many = handler.too_many();
    return !result.IsError();
  };
  document.Populate(generate);
  if (too_deep)
    return failure(Code::invalid_argument, "JSON nests deeper than " + std::to_string(kMaxDepth) + " levels");
  if (too_many) return failure(Code::too_large, "JSON holds more than " + std::to_string(max_values) + " values");
  if (result.IsError()) {
    return failure(Code::invalid_argument, std::string(rapidjson::GetParseError_En(result.Code())) + " (at byte " +
                                               std::to_string(result.Offset()) + ")");
  }
  return document;
}

}  // namespace

Result<Document> parse(std::string_view text, bool allow_non_finite, std::size_t max_values) {
  return allow_non_finite ? parse_with<kStrict | rapidjson::kParseNanAndInfFlag>(text, max_values)
                          : parse_with<kStrict>(text, max_values);
}

std::string to_text(const Value& value) {
  Buffer buffer;
  FiniteWriter writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string quote(std::string_view text) {
  Buffer buffer;
  Writer writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

const Value* find(const Value& object, std::string_view name) {
  if (!object.IsObject()) return nullptr;
  const auto member = object.FindMember(Value(rapidjson::StringRef(name.data(), name.size())));
  return member == object.MemberEnd() ? nullptr : &member->value;
}

std::string text_at(const Value& object, std::string_view name) {
  const auto* value = find(object, name);
  return value != nullptr && value->IsString() ? std::string(view(*value)) : std::string();
}

}  // namespace berth::json
