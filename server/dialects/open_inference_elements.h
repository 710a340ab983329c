// SPDX-License-Identifier: Apache-2.0
// Elements: the values of a tensor's JSON `data` on their way to bytes: little-endian, row-major.
#pragma once

#include <rapidjson/rapidjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::dialects::open_inference {

// What a number's text is to a datatype.
enum class Fit { good, wrong_type, out_of_range };

// Takes what a RapidJSON reader (kParseNumbersAsStringsFlag) meets from the list's opening bracket to its closing one.
// A method that returns false ends the reading; problem() then says why.
class Elements {
 public:
  // A datatype that JSON can hold: not FP16.
  explicit Elements(std::string_view datatype);

  bool Null() { return refuse("null is no element"); }
  bool Bool(bool value);
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy);
  bool String(const char* text, rapidjson::SizeType size, bool copy);
  bool StartArray();
  bool EndArray(rapidjson::SizeType size);
  bool StartObject() { return refuse("an object is no element"); }
  // A reader's other events; they do not come.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool Key(const char*, rapidjson::SizeType, bool) { return false; }
  bool EndObject(rapidjson::SizeType) { return false; }

  // Whether the list that was opened first is closed again.
  bool finished() const { return starts_.empty(); }
  const std::string& problem() const { return problem_; }
  // What is wrong with how the lists nest; "" where they are flat, or nest as the shape says.
  std::string nesting_problem(const std::vector<std::int64_t>& shape) const;
  std::string take_bytes() { return std::move(bytes_); }

 private:
  using Append = Fit (*)(std::string& bytes, std::string_view number);

  bool refuse(std::string problem);
  bool count();

  std::string datatype_;
  Append append_;
  std::string bytes_;
  std::uint64_t count_ = 0;
  std::vector<std::uint64_t> starts_;  // per open list: the elements before it
  std::vector<std::uint64_t> sizes_;   // per level: the elements of its lists, all alike
  std::size_t element_level_ = 0;      // in how many lists each element lies
  bool is_ragged_ = false;
  std::string problem_;
};

}  // namespace berth::dialects::open_inference
