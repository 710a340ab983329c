// SPDX-License-Identifier: Apache-2.0
// From C++ to the C ABI: hands a Response over, and turns what is thrown into an error. No exception leaves here.
#pragma once

#include <cstdint>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "berth/abi.h"
#include "berth/detail/text.h"
#include "berth/error.h"
#include "berth/host.h"
#include "berth/json.h"
#include "berth/response.h"
#include "berth/tensor.h"

namespace berth {
inline namespace sdk_v1 {
namespace detail {

inline void send_error(const berth_result& result, const Error& error) {
  const bool is_for_client = error.status() >= 400 && error.status() <= 599;
  result.error(&result, is_for_client ? error.status() : 0, to_abi(error.what()));
}

// Runs `body`; what it throws becomes the outcome.
template <class Body>
void guard(const berth_result& result, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
  } catch (const Error& error) {
    send_error(result, error);
  } catch (const std::exception& error) {
    result.error(&result, 0, to_abi(error.what()));
  } catch (...) {
    result.error(&result, 0, to_abi("an exception that is no std::exception"));
  }
}

// By its bits: a plugin built with -ffast-math has no isfinite.
inline bool is_finite(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return (bits & 0x7ff0000000000000u) != 0x7ff0000000000000u;
}

// Replaces every number that is not finite by null and returns how many there were; `where` gets the place of the
// first, as a JSON pointer.
inline std::size_t drop_non_finite(Json& value, std::string& where, const std::string& here = {}) {
  if (value.is_number_float()) {
    if (is_finite(value.get_ref<const Json::number_float_t&>())) return 0;
    if (where.empty()) where = here.empty() ? "the result itself" : here;
    value = nullptr;
    return 1;
  }
  std::size_t dropped = 0;
  if (value.is_object()) {
    for (auto& [key, member] : value.items()) {
      if (member.is_structured() || member.is_number_float()) {
        dropped += drop_non_finite(member, where, std::string(here).append("/").append(key));
      }
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      Json& element = value[i];
      const bool is_plain_number = element.is_number_float() && is_finite(element.get_ref<const double&>());
      if (is_plain_number || !(element.is_structured() || element.is_number_float())) continue;
      dropped += drop_non_finite(element, where, std::string(here).append("/").append(std::to_string(i)));
    }
  }
  return dropped;
}

inline void send_json(const berth_result& result, Json& value, const Host& host) {
  std::string where;
  if (const std::size_t dropped = drop_non_finite(value, where); dropped > 0) {
    host.warning("the result holds " + std::to_string(dropped) +
                 " number(s) that JSON cannot say (NaN or infinite), sent as null; the first: " + where);
  }
  std::string text;
  try {
    text = value.dump();
  } catch (const Json::type_error&) {
    host.warning("the result holds text that is not UTF-8; the offending bytes are sent as U+FFFD");
    text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  result.json(&result, to_abi(text));
}

inline void send_tensors(const berth_result& result, const std::vector<Tensor>& tensors) {
  for (const Tensor& tensor : tensors) {
    berth_tensor raw{};
    raw.size = sizeof raw;
    raw.datatype = static_cast<std::uint32_t>(tensor.datatype());
    raw.name = to_abi(tensor.name());
    raw.shape = tensor.shape().data();
    raw.rank = tensor.shape().size();
    raw.data = tensor.bytes().data();
    raw.data_bytes = tensor.bytes().size();
    result.tensor(&result, &raw);
  }
}

inline void send(const berth_result& result, Response response, const Host& host) {
  Response::Value& value = response.value();
  if (auto* json = std::get_if<Json>(&value)) {
    send_json(result, *json, host);
  } else if (const auto* written = std::get_if<Response::JsonText>(&value)) {
    result.json(&result, to_abi(written->text));
  } else if (const auto* text = std::get_if<Response::Text>(&value)) {
    result.text(&result, to_abi(text->text));
  } else if (const auto* file = std::get_if<Response::FileBody>(&value)) {
    const std::string_view bytes = file->bytes();
    result.file(&result, to_abi(file->content_type), to_abi(file->file_name), bytes.data(), bytes.size());
  } else if (const auto* tensors = std::get_if<std::vector<Tensor>>(&value)) {
    if (tensors->empty()) throw std::logic_error("the model answered with no tensor at all");
    send_tensors(result, *tensors);
  } else {
    send_error(result, std::get<Error>(value));
  }
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
