// SPDX-License-Identifier: Apache-2.0
// Rollouts as JSON, and the files that keep them.

#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "hosting/rollout.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 16UL * 1024 * 1024;  // far above what is written

tl::unexpected<Error> wrong(std::string key, std::string_view expected) {
  return failure(Code::invalid_argument, key.append(": expected ").append(expected));
}

Result<bool> read_flag(const json::Value& value, const char* key) {
  if (!value.IsBool()) return wrong(key, "true or false");
  return value.GetBool();
}

Result<std::string> read_version(const json::Value& value, std::string key) {
  if (value.IsNull()) return std::string();
  if (!value.IsString()) return wrong(std::move(key), "a version, as text");
  return std::string(json::view(value));
}

Result<Label> read_label(const json::Value& value, const std::string& key) {
  if (!value.IsObject()) return wrong(key, R"(an object such as {"version":"2","percent":10})");
  Label label;
  for (const auto& member : value.GetObject()) {
    const auto name = json::view(member.name);
    if (name == "version") {
      auto version = read_version(member.value, key + ".version");
      if (!version) return tl::unexpected<Error>(version.error());
      label.version = std::move(*version);
    } else if (name == "percent") {
      const double permille = member.value.IsNumber() ? member.value.GetDouble() * 10 : -1;
      if (!(permille >= 0 && permille <= 1000) || std::abs(permille - std::round(permille)) > 1e-6) {
        return wrong(key + ".percent", "a number from 0 to 100 with at most one decimal");
      }
      label.permille = static_cast<unsigned>(std::lround(permille));
    } else {
      return failure(Code::invalid_argument, (key + ".").append(name) + ": there is no such key");
    }
  }
  if (label.version.empty()) return wrong(key + ".version", "a version, as text");
  return label;
}

Result<> read_member(Rollout& rollout, std::string_view name, const json::Value& value) {
  if (name == "unloaded" || name == "sticky") {
    const auto flag = read_flag(value, name == "sticky" ? "sticky" : "unloaded");
    if (!flag) return tl::unexpected<Error>(flag.error());
    (name == "sticky" ? rollout.sticky : rollout.unloaded) = *flag;
  } else if (name == "active") {
    auto version = read_version(value, "active");
    if (!version) return tl::unexpected<Error>(version.error());
    rollout.active = std::move(*version);
  } else if (name == "previous") {
    if (!value.IsArray() || value.Size() > Rollout::kMaxPrevious) return wrong("previous", "a short list of versions");
    rollout.previous.clear();
    for (const auto& item : value.GetArray()) {
      auto version = read_version(item, "previous");
      if (!version) return tl::unexpected<Error>(version.error());
      rollout.previous.push_back(std::move(*version));
    }
  } else if (name == "labels") {
    if (!value.IsObject()) return wrong("labels", "an object");
    for (const auto& member : value.GetObject()) {
      const std::string label(json::view(member.name));
      if (member.value.IsNull()) {
        rollout.labels.erase(label);
        continue;
      }
      auto read = read_label(member.value, "labels." + label);
      if (!read) return tl::unexpected<Error>(read.error());
      rollout.labels.insert_or_assign(label, std::move(*read));
    }
  } else {
    return failure(Code::invalid_argument, std::string(name) + ": there is no such key");
  }
  return {};
}

fs::path file_of(const fs::path& folder, std::string_view model) { return folder / std::string(model).append(".json"); }

}  // namespace

std::string to_json(const Rollout& rollout) {
  json::Buffer buffer;
  json::Writer writer(buffer);
  const auto version = [&writer](const std::string& text) { text.empty() ? writer.Null() : writer.String(text); };
  writer.StartObject();
  writer.Key("unloaded");
  writer.Bool(rollout.unloaded);
  writer.Key("active");
  version(rollout.active);
  writer.Key("previous");
  writer.StartArray();
  for (const auto& previous : rollout.previous) version(previous);
  writer.EndArray();
  writer.Key("labels");
  writer.StartObject();
  for (const auto& [name, label] : rollout.labels) {
    writer.Key(name.c_str());
    writer.StartObject();
    writer.Key("version");
    writer.String(label.version);
    writer.Key("percent");
    writer.Double(label.permille / 10.0);
    writer.EndObject();
  }
  writer.EndObject();
  writer.Key("sticky");
  writer.Bool(rollout.sticky);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

Result<Rollout> read_rollout(std::string_view text, const Rollout& base) {
  const auto document = json::parse(text);
  if (!document) return tl::unexpected<Error>(document.error());
  if (!document->IsObject()) return failure(Code::invalid_argument, "expected a JSON object");
  Rollout result = base;
  for (const auto& member : document->GetObject()) {
    if (auto read = read_member(result, json::view(member.name), member.value); !read) return failure(read.error());
  }
  if (json::find(*document, "previous") == nullptr) {
    auto active = std::exchange(result.active, base.active);
    promote(result, std::move(active));
  }
  if (auto good = check(result); !good) return failure(good.error());
  return result;
}

Result<Rollout> RolloutStore::load(std::string_view model) const {
  const auto file = file_of(folder_, model);
  const auto text = read_file(file, kMaxFileBytes);
  if (!text && text.error().code == Code::not_found) return Rollout{};
  if (!text) return failure(Code::unavailable, "cannot read " + text.error().message);
  auto rollout = read_rollout(*text);
  if (!rollout) return failure(Code::unavailable, file.string() + ": " + rollout.error().message);
  return rollout;
}

Result<> RolloutStore::save(std::string_view model, const Rollout& rollout) const {
  const auto file = file_of(folder_, model);
  std::error_code error;
  fs::create_directories(folder_, error);
  return replace_file(file, to_json(rollout).append("\n"));
}

}  // namespace berth::hosting
