// SPDX-License-Identifier: Apache-2.0
// Metadata: what a model says of itself; clients see it in listings.
#pragma once

#include <string>

#include "berth/json.h"

namespace berth {
inline namespace sdk_v1 {

// Empty members are left out.
struct Metadata {
  std::string name = {};
  std::string version = {};
  std::string description = {};
  std::string author = {};
  std::string license = {};
  std::string url = {};
  // False for a model whose input is its arguments alone: no file or URL is asked for. (One that declares file
  // arguments of its own need not say so.)
  bool takes_files = true;
  Json extra = Json::object();  // anything else worth telling; its members go beside the ones above
};

namespace detail {
inline Json to_json(const Metadata& metadata) {
  Json json = Json::object();
  const auto add = [&json](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  add("name", metadata.name);
  add("version", metadata.version);
  add("description", metadata.description);
  add("author", metadata.author);
  add("license", metadata.license);
  add("url", metadata.url);
  for (const auto& [key, value] : metadata.extra.items()) json[key] = value;
  if (!metadata.takes_files) json["berth"]["takes_files"] = false;
  return json;
}
}  // namespace detail

}  // namespace sdk_v1
}  // namespace berth
