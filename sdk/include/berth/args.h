// SPDX-License-Identifier: Apache-2.0
// Args: the input of one call, already checked against what the model declared.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/abi.h"
#include "berth/detail/text.h"
#include "berth/file.h"
#include "berth/json.h"
#include "berth/tensor.h"

namespace berth {
inline namespace sdk_v1 {

// Valid until the call returns. The JSON is read when it is first asked for, so a model that never looks does not pay.
// Asking for an argument that is absent, or as another type than it is, throws std::invalid_argument: that is the
// model's mistake, not the client's, who was checked before.
class Args {
 public:
  // Borrows `raw`.
  explicit Args(const berth_args& raw)
      : json_text_(detail::to_view(raw.json)), request_id_(detail::to_view(raw.request_id)) {
    files_.reserve(raw.file_count);
    for (std::size_t i = 0; i < raw.file_count; ++i) files_.emplace_back(*raw.files[i]);
    for (std::size_t i = 0; i < raw.url_count; ++i) urls_.emplace_back(detail::to_view(raw.urls[i]));
    for (std::size_t i = 0; i < raw.tensor_count; ++i) tensors_.emplace_back(*raw.tensors[i]);
  }

  // For a unit test of a model: a call made by hand.
  explicit Args(Json values, std::vector<File> files = {}, std::vector<std::string> urls = {},
                std::vector<Tensor> tensors = {})
      : own_text_(std::make_shared<const std::string>(values.dump())),
        json_text_(*own_text_),
        json_(std::move(values)),
        files_(std::move(files)),
        urls_(std::move(urls)),
        tensors_(std::move(tensors)) {}

  // Whether the argument is there and not null.
  bool has(std::string_view name) const {
    const Json* value = find(name);
    return value != nullptr && !value->is_null();
  }

  std::string text(std::string_view name) const { return read<std::string>(name, "a text", &Json::is_string); }
  bool boolean(std::string_view name) const { return read<bool>(name, "a boolean", &Json::is_boolean); }
  double number(std::string_view name) const { return read<double>(name, "a number", &Json::is_number); }
  std::int64_t integer(std::string_view name) const {
    return read<std::int64_t>(name, "an integer", &Json::is_number_integer);
  }
  template <class T>
  std::vector<T> list(std::string_view name) const {
    return read<std::vector<T>>(name, "a list", &Json::is_array);
  }

  // The same with a value for where it is absent or null.
  std::string text(std::string_view name, std::string fallback) const {
    return has(name) ? text(name) : std::move(fallback);
  }
  bool boolean(std::string_view name, bool fallback) const { return has(name) ? boolean(name) : fallback; }
  double number(std::string_view name, double fallback) const { return has(name) ? number(name) : fallback; }
  std::int64_t integer(std::string_view name, std::int64_t fallback) const {
    return has(name) ? integer(name) : fallback;
  }

  // The argument as it is: objects, nested ones, nulls.
  const Json& value(std::string_view name) const {
    const Json* value = find(name);
    if (value == nullptr) fail(name, "is not there: ask has(), or give a fallback");
    return *value;
  }

  // All arguments as one object, and its text as it came.
  const Json& json() const {
    if (!json_) json_ = json_text_.empty() ? Json::object() : Json::parse(json_text_);
    return *json_;
  }
  std::string_view json_text() const { return json_text_; }

  // Uploads: all, or those of one file argument (by its key, where it has one).
  const std::vector<File>& files() const { return files_; }
  std::vector<File> files(std::string_view field) const {
    std::vector<File> of_field;
    for (const File& file : files_) {
      if (file.field() == field) of_field.push_back(file);
    }
    return of_field;
  }
  const std::vector<std::string>& urls() const { return urls_; }  // predict_url only

  const std::vector<Tensor>& tensors() const { return tensors_; }
  const Tensor& tensor(std::string_view name) const {
    for (const Tensor& tensor : tensors_) {
      if (tensor.name() == name) return tensor;
    }
    fail(name, "is not among the tensors");
  }

  std::string_view request_id() const { return request_id_; }

 private:
  const Json* find(std::string_view name) const {
    const Json& all = json();
    const auto found = all.find(std::string(name));
    return found == all.end() ? nullptr : &*found;
  }
  template <class T>
  T read(std::string_view name, const char* what, bool (Json::*is)() const noexcept) const {
    const Json& value = this->value(name);
    if (!(value.*is)()) fail(name, std::string("is not ") + what);
    return value.get<T>();
  }
  [[noreturn]] static void fail(std::string_view name, const std::string& why) {
    throw std::invalid_argument("argument '" + std::string(name) + "' " + why);
  }

  std::shared_ptr<const std::string> own_text_;
  std::string_view json_text_;
  mutable std::optional<Json> json_;
  std::vector<File> files_;
  std::vector<std::string> urls_;
  std::vector<Tensor> tensors_;
  std::string_view request_id_;
};

}  // namespace sdk_v1
}  // namespace berth
