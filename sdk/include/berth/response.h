// SPDX-License-Identifier: Apache-2.0
// Response: what a model answers: JSON, text, a file or tensors.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "berth/error.h"
#include "berth/json.h"
#include "berth/tensor.h"

namespace berth {
inline namespace sdk_v1 {

class Response {
 public:
  struct JsonText {
    std::string text;
  };
  struct Text {
    std::string text;
  };
  struct FileBody {
    std::string content_type;
    std::string file_name;
    std::string own_bytes;
    std::string_view borrowed_bytes;
    std::string_view bytes() const { return borrowed_bytes.data() != nullptr ? borrowed_bytes : own_bytes; }
  };
  using Value = std::variant<Json, JsonText, Text, FileBody, std::vector<Tensor>, Error>;

  // JSON. A number that is not finite is sent as null, and the log says so.
  Response(Json value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor): `return Json{…};`

  // For one call of a batch that cannot be answered; elsewhere, throw it.
  Response(Error error) : value_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  static Response text(std::string text) { return Response(Value(Text{std::move(text)})); }
  static Response file(std::string content_type, std::string bytes, std::string file_name = {}) {
    return Response(Value(FileBody{std::move(content_type), std::move(file_name), std::move(bytes), {}}));
  }
  // Without a copy: `bytes` must stay valid until the model is called again (the call's own input does).
  static Response borrowed_file(std::string content_type, std::string_view bytes, std::string file_name = {}) {
    return Response(Value(FileBody{std::move(content_type), std::move(file_name), {}, bytes}));
  }
  static Response tensors(std::vector<Tensor> tensors) { return Response(Value(std::move(tensors))); }
  // One JSON text that is already written.
  static Response json_text(std::string text) { return Response(Value(JsonText{std::move(text)})); }

  const Value& value() const { return value_; }
  Value& value() { return value_; }

  // For unit tests: the JSON of a JSON response; throws std::bad_variant_access on another kind.
  const Json& json() const { return std::get<Json>(value_); }

 private:
  explicit Response(Value value) : value_(std::move(value)) {}
  Value value_;
};

}  // namespace sdk_v1
}  // namespace berth
