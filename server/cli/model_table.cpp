// SPDX-License-Identifier: Apache-2.0
#include "cli/model_table.h"

#include <vector>

#include "base/json.h"
#include "cli/table.h"

namespace berth::cli {
namespace {

std::string text_of(const json::Value& object, std::string_view name) {
  const auto* value = json::find(object, name);
  if (!value) return "";
  return value->IsString() ? std::string(json::view(*value)) : json::to_text(*value);
}

std::string joined(const json::Value& object, std::string_view name) {
  std::string text;
  const auto* list = json::find(object, name);
  if (!list || !list->IsArray()) return text;
  for (const auto& item : list->GetArray()) {
    if (item.IsString()) text.append(text.empty() ? "" : ", ").append(json::view(item));
  }
  return text;
}

// "2 idle, 1 busy"
std::string workers_of(const json::Value& model) {
  const auto* workers = json::find(model, "workers");
  if (!workers || !workers->IsArray()) return "";
  std::string text;
  for (const auto* state : {"idle", "busy", "starting"}) {
    int count = 0;
    for (const auto& worker : workers->GetArray()) count += text_of(worker, "state") == state ? 1 : 0;
    if (count > 0) text.append(text.empty() ? "" : ", ").append(std::to_string(count)).append(" ").append(state);
  }
  return text.empty() ? "none" : text;
}

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

}  // namespace

Result<std::string> format_models(std::string_view json) {
  const auto document = json::parse(json);
  if (!document || !document->IsArray()) {
    return failure(Code::invalid_argument, "the answer is not a list of models; is it a Berth server?");
  }
  if (document->Empty()) return std::string("no models\n");
  std::vector<std::vector<std::string>> rows;
  for (const auto& model : document->GetArray()) {
    rows.push_back({text_of(model, "name"), text_of(model, "version"), text_of(model, "state"),
                    joined(model, "methods"), workers_of(model), text_of(model, "queued"), text_of(model, "restarts"),
                    file_name(text_of(model, "plugin")), text_of(model, "reason")});
  }
  return format_table({"MODEL", "VERSION", "STATE", "METHODS", "WORKERS", "QUEUED", "RESTARTS", "PLUGIN", "REASON"},
                      rows);
}

}  // namespace berth::cli
