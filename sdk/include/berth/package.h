// SPDX-License-Identifier: Apache-2.0
// Package: the folder that a model is made from: model.yaml and whatever it needs beside it (weights, labels).
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include "berth/abi.h"
#include "berth/detail/text.h"
#include "berth/json.h"

namespace berth {
inline namespace sdk_v1 {

class Package {
 public:
  explicit Package(const berth_package& raw)
      : Package(std::string(detail::to_view(raw.name)), std::string(detail::to_view(raw.version)),
                std::filesystem::path(std::string(detail::to_view(raw.path))),
                raw.config_json.size == 0 ? Json::object() : Json::parse(detail::to_view(raw.config_json))) {}
  Package(std::string name, std::string version, std::filesystem::path path, Json config)
      : name_(std::move(name)), version_(std::move(version)), path_(std::move(path)), config_(std::move(config)) {}

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  const std::filesystem::path& path() const { return path_; }  // absolute
  const Json& config() const { return config_; }               // model.yaml

  // The path of a file in the package; throws where it is not there.
  std::filesystem::path file(const std::string& relative_path) const {
    std::filesystem::path found = path_ / relative_path;
    if (!std::filesystem::is_regular_file(found)) {
      throw std::runtime_error("package '" + name_ + "' has no file '" + relative_path + "' in " + path_.string());
    }
    return found;
  }

 private:
  std::string name_;
  std::string version_;
  std::filesystem::path path_;
  Json config_;
};

}  // namespace sdk_v1
}  // namespace berth
