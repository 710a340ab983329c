// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cmath>

namespace berth::json {

namespace {

constexpr unsigned kStrict =
    rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag;

// Passes events on to a document while it counts how deep they are.
class DepthLimited {
 public:
  explicit DepthLimited(Document& document) : document_(document) {}
  bool too_deep() const { return depth_ > kMaxDepth; }

  bool Null() { return document_.Null(); }
  bool Bool(bool v) { return document_.Bool(v); }
  bool Int(int v) { return document_.Int(v); }
  bool Uint(unsigned v) { return document_.Uint(v); }
  bool Int64(std::int64_t v) { return document_.Int64(v); }
  bool Uint64(std::uint64_t v) { return document_.Uint64(v); }
  bool Double(double v) { return document_.Double(v); }
  bool RawNumber(const char* v, rapidjson::SizeType n, bool copy) { return document_.RawNumber(v, n, copy); }
  bool String(const char* v, rapidjson::SizeType n, bool copy) { return document_.String(v, n, copy); }
  bool Key(const char* v, rapidjson::SizeType n, bool copy) { return document_.Key(v, n, copy); }
  bool StartObject() { return deeper() && document_.StartObject(); }
  bool EndObject(rapidjson::SizeType n) {
    --depth_;
    return document_.EndObject(n);
  }
  bool StartArray() { return deeper() && document_.StartArray(); }
  bool EndArray(rapidjson::SizeType n) {
    --depth_;
    return document_.EndArray(n);
  }

 private:
  bool deeper() { return ++depth_ <= kMaxDepth; }
  Document& document_;
  int depth_ = 0;
};

// Writes a number that JSON cannot hold as null.
class FiniteWriter : public Writer {
 public:
  using Writer::Writer;
  bool Double(double value) { return std::isfinite(value) ? Writer::Double(value) : Writer::Null(); }
};

template <unsigned Flags>
Result<Document> parse_with(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Document document;
  rapidjson::ParseResult result;
  bool too_deep = false;
  auto generate = [&](Document& target) {
    DepthLimited handler(target);
    result = reader.Parse<Flags>(stream, handler);
    too_deep = handler.too_deep();
    return !result.IsError();
  };
  document.Populate(generate);
  if (too_deep)
    return failure(Code::invalid_argument, "JSON nests deeper than " + std::to_string(kMaxDepth) + " levels");
  if (result.IsError()) {
    return failure(Code::invalid_argument, std::string(rapidjson::GetParseError_En(result.Code())) + " (at byte " +
                                               std::to_string(result.Offset()) + ")");
  }
  return document;
}

}  // namespace

Result<Document> parse(std::string_view text, bool allow_non_finite) {
  return allow_non_finite ? parse_with<kStrict | rapidjson::kParseNanAndInfFlag>(text) : parse_with<kStrict>(text);
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

}  // namespace berth::json
