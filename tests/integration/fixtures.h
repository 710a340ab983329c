// SPDX-License-Identifier: Apache-2.0
// What the integration tests share: where the fakes are, and short ways to ask a server something.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/json.h"
#include "support/http_client.h"
#include "support/server_process.h"

namespace berth::test {

inline std::filesystem::path fake(std::string_view name) {
  return std::filesystem::path(BERTH_FAKES_DIR) / (std::string(name) + ".so");
}
inline std::filesystem::path plugin(std::string_view name) {
  return std::filesystem::path(BERTH_PLUGINS_DIR) / (std::string(name) + ".so");
}

// The body as JSON; a test failure and null where it is none.
inline json::Document json_of(const HttpAnswer& answer) {
  auto document = json::parse(answer.body);
  if (document) return std::move(*document);
  ADD_FAILURE() << "no JSON (" << document.error().message << "): " << answer.status << " " << answer.body;
  return {};
}

inline std::string text_at(const json::Value& object, std::string_view name) {
  const auto* value = json::find(object, name);
  return value && value->IsString() ? std::string(json::view(*value)) : std::string();
}

inline HttpAnswer upload(HttpClient& client, std::string_view target, const std::vector<FormPart>& parts) {
  const auto [body, type] = multipart(parts);
  return client.send("POST", target, {{"Content-Type", type}}, body);
}

// The admin's listing entry of a model; null where it is not listed.
inline json::Document listing_of(const ServerProcess& server, std::string_view name) {
  auto client = server.admin();
  const auto all = json_of(client.get("/v2/berth/models"));
  json::Document found;
  if (!all.IsArray()) return found;
  for (const auto& entry : all.GetArray()) {
    if (text_at(entry, "name") == name) found.CopyFrom(entry, found.GetAllocator());
  }
  return found;
}

}  // namespace berth::test
