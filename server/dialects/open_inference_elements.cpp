// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference_elements.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/json.h"

namespace berth::dialects::open_inference {
namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kShownBytes = 40;

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Too small a number is rounded to zero or to what lies next to it; from_chars gives no value then.
template <class T>
Fit append_extreme(std::string& bytes, std::string_view number) {
  const std::string text(number);
  const auto value = std::is_same_v<T, float> ? static_cast<T>(std::strtof(text.c_str(), nullptr))
                                              : static_cast<T>(std::strtod(text.c_str(), nullptr));
  if (!std::isfinite(value)) return Fit::out_of_range;
  append(bytes, value);
  return Fit::good;
}

// The text is a JSON number. Integers are exact or refused, others rounded once.
template <class T>
Fit append_number(std::string& bytes, std::string_view number) {
  T value{};
  const auto* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  if constexpr (std::is_floating_point_v<T>) {
    if (error == std::errc::result_out_of_range || !std::isfinite(value)) return append_extreme<T>(bytes, number);
  } else {
    if (std::is_unsigned_v<T> && number.front() == '-') return Fit::out_of_range;
    if (error == std::errc::result_out_of_range) return Fit::out_of_range;
  }
  if (stop != end) return Fit::wrong_type;
  append(bytes, value);
  return Fit::good;
}

Fit append_boolean(std::string& bytes, std::string_view number) {
  if (number != "0" && number != "1") return Fit::wrong_type;
  bytes.push_back(number == "1" ? '\1' : '\0');
  return Fit::good;
}

Fit append_nothing(std::string&, std::string_view) { return Fit::wrong_type; }

using Append = Fit (*)(std::string&, std::string_view);
constexpr std::array<std::pair<std::string_view, Append>, 11> kAppends{{{"FP32", append_number<float>},
                                                                        {"FP64", append_number<double>},
                                                                        {"INT8", append_number<std::int8_t>},
                                                                        {"INT16", append_number<std::int16_t>},
                                                                        {"INT32", append_number<std::int32_t>},
                                                                        {"INT64", append_number<std::int64_t>},
                                                                        {"UINT8", append_number<std::uint8_t>},
                                                                        {"UINT16", append_number<std::uint16_t>},
                                                                        {"UINT32", append_number<std::uint32_t>},
                                                                        {"UINT64", append_number<std::uint64_t>},
                                                                        {"BOOL", append_boolean}}};

Append append_of(std::string_view datatype) {
  const auto found = std::ranges::find(kAppends, datatype, &std::pair<std::string_view, Append>::first);
  return found == kAppends.end() ? append_nothing : found->second;
}

std::string shown(std::string_view text) {
  return text.size() <= kShownBytes ? std::string(text) : std::string(text.substr(0, kShownBytes)) + "…";
}

}  // namespace

Elements::Elements(std::string_view datatype) : datatype_(datatype), append_(append_of(datatype)) {}

bool Elements::refuse(std::string problem) {
  problem_ = "element " + std::to_string(count_) + ": " + std::move(problem);
  return false;
}

bool Elements::count() {
  if (element_level_ == 0) element_level_ = starts_.size();
  is_ragged_ = is_ragged_ || element_level_ != starts_.size();
  ++count_;
  return true;
}

bool Elements::Bool(bool value) {
  if (datatype_ != "BOOL") return refuse("a boolean is no " + datatype_);
  bytes_.push_back(value ? '\1' : '\0');
  return count();
}

bool Elements::RawNumber(const char* text, rapidjson::SizeType size, bool) {
  const std::string_view number(text, size);
  switch (append_(bytes_, number)) {
    case Fit::good: return count();
    case Fit::wrong_type: return refuse(shown(number) + " is no " + datatype_);
    case Fit::out_of_range: return refuse(shown(number) + " is out of range of " + datatype_);
  }
  return false;
}

bool Elements::String(const char* text, rapidjson::SizeType size, bool) {
  if (datatype_ != "BYTES") return refuse("a string is no " + datatype_);
  append(bytes_, std::uint32_t{size});
  bytes_.append(text, size);
  return count();
}

bool Elements::StartArray() {
  if (starts_.size() == static_cast<std::size_t>(json::kMaxDepth)) return refuse("its lists nest too deep");
  starts_.push_back(count_);
  if (sizes_.size() < starts_.size()) sizes_.push_back(kUnknown);
  return true;
}

bool Elements::EndArray(rapidjson::SizeType) {
  const auto size = count_ - starts_.back();
  auto& known = sizes_[starts_.size() - 1];
  if (known == kUnknown) known = size;
  is_ragged_ = is_ragged_ || known != size;
  starts_.pop_back();
  return true;
}

std::string Elements::nesting_problem(const std::vector<std::int64_t>& shape) const {
  if (sizes_.size() <= 1) return "";
  if (is_ragged_) return "its lists are not all of one size";
  if (sizes_.size() != shape.size()) {
    return "its lists nest " + std::to_string(sizes_.size()) + " deep, its shape has " + std::to_string(shape.size()) +
           " dimension(s)";
  }
  std::uint64_t wanted = 1;
  for (std::size_t level = shape.size(); level-- > 1;) {
    wanted *= static_cast<std::uint64_t>(shape[level]);
    if (sizes_[level] != wanted) {
      return "a list at level " + std::to_string(level + 1) + " holds " + std::to_string(sizes_[level]) +
             " element(s), its shape asks for " + std::to_string(wanted);
    }
  }
  return "";
}

}  // namespace berth::dialects::open_inference
