// SPDX-License-Identifier: Apache-2.0
// package_from: a berth::Package from a folder, as the server would hand it over, without the server.
#pragma once

#include <berth/package.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <string>

namespace berth::vision::test {

// Numbers and booleans are such where they are not quoted.
inline Json json_of(const YAML::Node& node) {
  if (node.IsMap()) {
    auto json = Json::object();
    for (const auto& member : node) json[member.first.as<std::string>()] = json_of(member.second);
    return json;
  }
  if (node.IsSequence()) {
    auto json = Json::array();
    for (const auto& item : node) json.push_back(json_of(item));
    return json;
  }
  if (!node.IsScalar()) return nullptr;
  const bool is_plain = node.Tag() == "?" || node.Tag().empty();
  if (long long whole = 0; is_plain && YAML::convert<long long>::decode(node, whole)) return whole;
  if (double number = 0; is_plain && YAML::convert<double>::decode(node, number)) return number;
  if (bool truth = false; is_plain && YAML::convert<bool>::decode(node, truth)) return truth;
  return node.Scalar();
}

inline Package package_from(const std::filesystem::path& folder) {
  return Package(folder.parent_path().filename().string(), folder.filename().string(), folder,
                 json_of(YAML::LoadFile((folder / "model.yaml").string())));
}

}  // namespace berth::vision::test
