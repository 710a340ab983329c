// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference_json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "hosting/call.h"

namespace berth::dialects::open_inference {
namespace {

// Not iterative: the handlers bound the depth, and so the recursion.
constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;

bool is_for_json(std::string_view datatype) { return datatype != "FP16" && hosting::element_bytes(datatype); }

// A number that is no element, for the document.
bool put_number(json::Document& document, std::string_view text) {
  const auto* end = text.data() + text.size();
  std::int64_t whole = 0;
  std::uint64_t large = 0;
  double number = 0;
  if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc() && read.ptr == end) {
    return document.Int64(whole);
  }
  if (const auto read = std::from_chars(text.data(), end, large); read.ec == std::errc() && read.ptr == end) {
    return document.Uint64(large);
  }
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && std::isfinite(number) && document.Double(number);
}

struct Range {
  std::size_t input = 0, from = 0, to = 0;
};

// Passes everything on to the document, but the elements of inputs[i].data. Where the datatype is known by then they
// go straight to bytes; where it comes only later, their place in the text is kept.
class Splitter {
 public:
  Splitter(json::Document& document, const rapidjson::MemoryStream& stream, std::size_t max_values)
      : document_(document), stream_(stream), values_left_(max_values) {}

  std::vector<std::optional<Elements>> data;
  std::vector<Range> later;
  std::string problem;  // for whoever sent it; "" where the text itself is broken

  bool Null() {
    if (is_in_data()) return each([](auto& e) { return e.Null(); });
    if (is_member("data") && std::exchange(has_data_, true)) return refuse(here() + "is there twice");
    return count() && document_.Null();
  }
  bool Bool(bool v) {
    return is_in_data() ? each([&](auto& e) { return e.Bool(v); }) : is_value() && document_.Bool(v);
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    if (is_in_data()) return each([&](auto& e) { return e.RawNumber(text, size, copy); });
    return is_value() && (put_number(document_, {text, size}) || refuse("a number is too large"));
  }
  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    if (is_in_data()) return each([&](auto& e) { return e.String(text, size, copy); });
    if (is_member("datatype") && datatype_.empty()) datatype_.assign(text, size);
    return is_value() && document_.String(text, size, copy);
  }
  bool StartArray() {
    if (!is_in_data() && is_member("data")) return begin_data();
    if (is_in_data()) return deeper_data() && each([](auto& e) { return e.StartArray(); });
    return is_value() && deeper() && document_.StartArray();
  }
  bool EndArray(rapidjson::SizeType size) {
    if (!is_in_data()) return --depth_ >= 0 && document_.EndArray(size);
    if (!each([&](auto& e) { return e.EndArray(size); })) return false;
    if (--data_depth_ > 0) return true;
    if (!is_typed_) later.push_back({data.size() - 1, data_from_, stream_.Tell()});
    return document_.StartArray() && document_.EndArray(0);
  }
  bool StartObject() {
    if (is_in_data()) return each([](auto& e) { return e.StartObject(); });
    if (!is_value() || !deeper()) return false;
    if (depth_ == kInput && section_ == "inputs") {
      if (data.size() == kMaxInputs) return refuse("inputs: more than " + std::to_string(kMaxInputs));
      is_in_input_ = true;
      data.emplace_back();
      datatype_.clear();
      has_data_ = false;
    }
    return document_.StartObject();
  }
  bool EndObject(rapidjson::SizeType size) {
    if (is_in_data()) return true;  // of what is skipped for now
    if (depth_ == kInput) is_in_input_ = false;
    return --depth_ >= 0 && document_.EndObject(size);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    if (is_in_data()) return true;
    key_.assign(text, size);
    if (depth_ == 1) {
      if (key_ == "inputs" && std::exchange(has_inputs_, true)) return refuse("inputs: is there twice");
      section_ = key_;
    }
    return document_.Key(text, size, copy);
  }
  // Where the text is being read: "inputs[0].data: ", or "" outside of it.
  std::string place() const { return is_in_data() ? here() : ""; }

  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  static constexpr int kInput = 3;  // {"inputs": [{
  static constexpr std::size_t kMaxInputs = 1024;

  bool refuse(std::string what) {
    problem = std::move(what);
    return false;
  }
  bool is_in_data() const { return data_depth_ > 0; }
  // Whether the value that comes now is this member of an input.
  bool is_member(std::string_view key) const { return depth_ == kInput && is_in_input_ && key_ == key; }
  std::string here() const { return "inputs[" + std::to_string(data.size() - 1) + "].data: "; }

  bool is_value() {
    if (is_member("data")) return refuse(here() + "is no list");
    return count();
  }
  bool count() {
    if (values_left_ == 0) return refuse("the request holds too many values besides its tensors");
    --values_left_;
    return true;
  }
  bool deeper() { return ++depth_ <= json::kMaxDepth || refuse("the request nests too deep"); }

  bool deeper_data() { return ++data_depth_ <= json::kMaxDepth || refuse(here() + "its lists nest too deep"); }

  bool begin_data() {
    if (std::exchange(has_data_, true)) return refuse(here() + "is there twice");
    data_depth_ = 1;
    data_from_ = stream_.Tell() - 1;
    is_typed_ = !datatype_.empty();
    if (is_typed_ && is_for_json(datatype_)) data.back().emplace(datatype_);
    return each([](auto& elements) { return elements.StartArray(); });
  }
  template <class Step>
  bool each(Step step) {
    auto& elements = data.back();
    return !elements || step(*elements) || refuse(here() + elements->problem());
  }

  json::Document& document_;
  const rapidjson::MemoryStream& stream_;
  std::size_t values_left_;
  int depth_ = 0;  // of the document
  std::string key_, section_, datatype_;
  bool has_inputs_ = false, is_in_input_ = false, has_data_ = false, is_typed_ = false;
  int data_depth_ = 0;
  std::size_t data_from_ = 0;
};

// The datatype that an input names, once all of it was read.
std::string_view datatype_of(const json::Document& document, std::size_t input) {
  const auto* inputs = json::find(document, "inputs");
  if (inputs == nullptr || !inputs->IsArray() || inputs->Size() <= input) return {};
  const auto* datatype = json::find((*inputs)[static_cast<rapidjson::SizeType>(input)], "datatype");
  return datatype != nullptr && datatype->IsString() ? json::view(*datatype) : std::string_view();
}

Result<> read_later(InferJson& read, const Range& range, std::string_view text) {
  const auto datatype = datatype_of(read.document, range.input);
  if (!is_for_json(datatype)) return {};
  rapidjson::MemoryStream stream(text.data() + range.from, range.to - range.from);
  rapidjson::Reader reader;
  auto& elements = read.data[range.input].emplace(datatype);
  if (!reader.Parse<kFlags>(stream, elements).IsError()) return {};
  return failure(Code::invalid_argument, "inputs[" + std::to_string(range.input) + "].data: " + elements.problem());
}

}  // namespace

Result<InferJson> read_infer_json(std::string_view text, std::size_t max_values) {
  InferJson read;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  rapidjson::ParseResult result;
  Splitter splitter(read.document, stream, max_values);
  auto generate = [&](json::Document&) {
    result = reader.Parse<kFlags>(stream, splitter);
    return !result.IsError();
  };
  read.document.Populate(generate);
  if (!splitter.problem.empty()) return failure(Code::invalid_argument, splitter.problem);
  if (result.IsError() && result.Code() == rapidjson::kParseErrorNumberTooBig) {
    return failure(Code::invalid_argument, splitter.place() + "a number is out of range of every datatype (at byte " +
                                               std::to_string(result.Offset()) + ")");
  }
  if (result.IsError()) {
    return failure(Code::invalid_argument, std::string("the request is no JSON: ") +
                                               rapidjson::GetParseError_En(result.Code()) + " (at byte " +
                                               std::to_string(result.Offset()) + ")");
  }
  if (!read.document.IsObject()) return failure(Code::invalid_argument, "the request is no JSON object");
  read.data = std::move(splitter.data);
  for (const auto& range : splitter.later) {
    if (auto good = read_later(read, range, text); !good) return failure(good.error());
  }
  return read;
}

}  // namespace berth::dialects::open_inference
