// SPDX-License-Identifier: Apache-2.0
// RecordingHost and Outcome: a host for the SDK's tests that keeps what a plugin tells it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "berth/abi.h"
#include "berth/berth.h"

namespace berth::test {

inline std::string copy(berth_text text) { return std::string(detail::to_view(text)); }

// Receives the outcome of one call.
class Outcome {
 public:
  std::string kind = "none";  // the first outcome: json, text, file, tensor, error
  std::string body;
  std::string content_type;
  std::string file_name;
  int status = -1;
  std::vector<std::string> tensor_names;
  int count = 0;  // of outcomes, tensors included

  const berth_result* result() { return &result_; }
  Json json() const { return Json::parse(body); }

 private:
  static Outcome& of(const berth_result* self) { return *static_cast<Outcome*>(self->context); }
  void take(const char* what, std::string value) {
    if (count++ > 0) return;
    kind = what;
    body = std::move(value);
  }

  berth_result result_ = {
      sizeof(berth_result),
      this,
      [](const berth_result* self, berth_text value) { of(self).take("json", copy(value)); },
      [](const berth_result* self, berth_text value) { of(self).take("text", copy(value)); },
      [](const berth_result* self, berth_text type, berth_text name, const void* data, std::size_t size) {
        of(self).take("file", std::string(static_cast<const char*>(data), size));
        of(self).content_type = copy(type);
        of(self).file_name = copy(name);
      },
      [](const berth_result* self, const berth_tensor* tensor) {
        of(self).take("tensor", std::string(static_cast<const char*>(tensor->data), tensor->data_bytes));
        of(self).tensor_names.push_back(copy(tensor->name));
      },
      [](const berth_result* self, std::int32_t code, berth_text message) {
        of(self).take("error", copy(message));
        of(self).status = code;
      }};

 public:
  Outcome() = default;
  Outcome(const Outcome&) = delete;  // its address is in result_
  Outcome& operator=(const Outcome&) = delete;
};

class RecordingHost {
 public:
  std::vector<std::string> logs;
  std::vector<std::string> progress;  // "0.5 {…}"
  std::vector<std::string> metrics;   // "counter name value"
  bool stop = false;
  std::function<void(std::string url, const berth_result*)> fetch;

  // One that trains has `package_folder`; `data_folder` may be empty.
  explicit RecordingHost(std::string package_folder_in = {}, std::string data_folder_in = {})
      : package_folder(std::move(package_folder_in)), data_folder(std::move(data_folder_in)) {
    raw_.size = sizeof raw_;
    raw_.abi_version = BERTH_ABI_VERSION;
    raw_.context = this;
    raw_.scratch_folder = detail::to_abi(scratch_);
    raw_.package_folder = detail::to_abi(package_folder);
    raw_.data_folder = detail::to_abi(data_folder);
    raw_.log = [](const berth_host* self, std::uint32_t level, berth_text message) {
      of(self).logs.push_back(std::to_string(level) + " " + copy(message));
    };
    raw_.fetch = [](const berth_host* self, berth_text url, const berth_result* result) {
      of(self).fetch(copy(url), result);
    };
    raw_.progress = [](const berth_host* self, double fraction, berth_text details) {
      of(self).progress.push_back(std::to_string(fraction).substr(0, 4) + " " + copy(details));
    };
    raw_.stop_requested = [](const berth_host* self) { return of(self).stop ? 1 : 0; };
    raw_.metric = [](const berth_host* self, std::uint32_t kind, berth_text name, double value) {
      of(self).metrics.push_back((kind == BERTH_COUNTER ? "counter " : "gauge ") + copy(name) + " " +
                                 std::to_string(value).substr(0, 3));
    };
  }
  RecordingHost(const RecordingHost&) = delete;
  RecordingHost& operator=(const RecordingHost&) = delete;

  const berth_host* raw() const { return &raw_; }
  // As a server of version 0.1.0 tells of itself.
  void become_old() { raw_.size = offsetof(berth_host, package_folder); }

  const std::string package_folder;
  const std::string data_folder;

 private:
  static RecordingHost& of(const berth_host* self) { return *static_cast<RecordingHost*>(self->context); }
  std::string scratch_ = std::filesystem::temp_directory_path().string();
  berth_host raw_{};
};

// One call's arguments as the host would lay them out.
class RawArgs {
 public:
  explicit RawArgs(std::string json = "{}") : json_(std::move(json)) {}
  RawArgs(const RawArgs&) = delete;
  RawArgs& operator=(const RawArgs&) = delete;

  const berth_args* get() {
    raw_ = {};
    raw_.size = sizeof raw_;
    raw_.json = detail::to_abi(json_);
    raw_.request_id = detail::to_abi("request-1");
    return &raw_;
  }

 private:
  std::string json_;
  berth_args raw_{};
};

// An instance of a model type, made through the table as a host would.
class Loaded {
 public:
  explicit Loaded(const berth_model_type& type, const berth_package* package = nullptr, std::string package_folder = {},
                  std::string data_folder = {})
      : host(std::move(package_folder), std::move(data_folder)), type_(type) {
    model_ = type.create(host.raw(), package, created.result());
  }
  ~Loaded() {
    if (model_ != nullptr) type_.destroy(model_);
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  bool made() const { return model_ != nullptr; }
  void predict(Outcome& outcome, std::string json = "{}") {
    RawArgs args(std::move(json));
    type_.predict_data(model_, args.get(), outcome.result());
  }
  void train(Outcome& outcome, std::string json = "{}") {
    RawArgs args(std::move(json));
    type_.train(model_, args.get(), outcome.result());
  }
  void ask(void (*method)(void*, const berth_result*), Outcome& outcome) { method(model_, outcome.result()); }
  void* model() const { return model_; }

  RecordingHost host;
  Outcome created;

 private:
  const berth_model_type& type_;
  void* model_ = nullptr;
};

template <class Model>
const berth_model_type& type_of() {
  static constexpr berth_model_type kType = detail::make_model_type<Model>("tested");
  return kType;
}

}  // namespace berth::test
