// SPDX-License-Identifier: Apache-2.0
// ConfigSection: one mapping of a model.yaml, or of another file of a package, read key by key with messages that a
// person can act on.
#pragma once

#include <berth/json.h>

#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace berth::image_classifier {

// Borrows the JSON. An absent or null key has its default.
class ConfigSection {
 public:
  ConfigSection(const Json& json, std::string path, std::string file = "model.yaml")
      : json_(json), path_(std::move(path)), file_(std::move(file)) {
    if (!json.is_object())
      throw std::runtime_error(file_ + ": " + (path_.empty() ? "it" : path_) + " has to be a mapping");
  }

  const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  const Json& required(const char* key) const {
    const auto* value = find(key);
    if (value == nullptr) fail(key, "is missing");
    return *value;
  }

  ConfigSection section(const char* key) const {
    return {required(key), (path_.empty() ? "" : path_ + ".") + key, file_};
  }

  std::string text(const char* key, std::string fallback) const {
    const auto* value = find(key);
    if (value == nullptr) return fallback;
    if (!value->is_string()) fail(key, "has to be a text");
    return value->get<std::string>();
  }

  bool boolean(const char* key, bool fallback) const {
    const auto* value = find(key);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) fail(key, "has to be true or false");
    return value->get<bool>();
  }

  long long integer(const char* key, long long fallback, long long min, long long max) const {
    const auto* value = find(key);
    if (value == nullptr) return fallback;
    const auto read = value->is_number_integer() ? value->get<long long>() : min - 1;
    if (read < min || read > max) {
      fail(key, "has to be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return read;
  }

  // The value whose name the key holds.
  template <class T>
  T one_of(const char* key, T fallback, std::initializer_list<std::pair<const char*, T>> choices) const {
    return find(key) == nullptr ? fallback : required_one_of(key, choices);
  }
  template <class T>
  T required_one_of(const char* key, std::initializer_list<std::pair<const char*, T>> choices) const {
    required(key);
    const auto name = text(key, {});
    std::string names;
    for (const auto& [choice, value] : choices) {
      if (name == choice) return value;
      names += (names.empty() ? "" : ", ") + std::string(choice);
    }
    fail(key, "has to be one of: " + names);
  }

  // A list of `count` finite numbers; one number alone stands for all of them.
  std::vector<float> numbers(const char* key, float fallback, std::size_t count) const {
    const auto* value = find(key);
    if (value == nullptr) return std::vector<float>(count, fallback);
    if (is_finite_number(*value)) return std::vector<float>(count, value->get<float>());
    std::vector<float> read;
    if (value->is_array()) {
      for (const auto& item : *value) {
        if (is_finite_number(item)) read.push_back(item.get<float>());
      }
    }
    if (read.size() != count || value->size() != count) {
      fail(key, "has to be " + std::to_string(count) + " numbers, one per channel");
    }
    return read;
  }

  // Refuses a key that nothing reads: a slip of the pen would go unnoticed otherwise.
  void allow_only(std::initializer_list<const char*> keys) const {
    for (const auto& [key, value] : json_.items()) {
      bool known = false;
      for (const char* allowed : keys) known = known || key == allowed;
      if (!known) fail(key.c_str(), "is not a key that the image classifier knows");
    }
  }

  [[noreturn]] void fail(const char* key, const std::string& why) const {
    throw std::runtime_error(file_ + ": " + (path_.empty() ? "" : path_ + ".") + key + " " + why);
  }

 private:
  static bool is_finite_number(const Json& value) { return value.is_number() && std::isfinite(value.get<float>()); }

  const Json& json_;
  std::string path_;
  std::string file_;
};

}  // namespace berth::image_classifier
