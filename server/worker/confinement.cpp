// SPDX-License-Identifier: Apache-2.0
#include "worker/confinement.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"

namespace berth::worker {
namespace {

constexpr std::array<std::string_view, 3> kModes{"off", "on", "required"};
constexpr std::array<std::pair<std::string_view, bool Confinement::*>, 2> kFlags{
    {{"network", &Confinement::network}, {"processes", &Confinement::processes}}};
constexpr std::array<std::pair<std::string_view, std::vector<std::string> Confinement::*>, 2> kPaths{
    {{"read", &Confinement::read}, {"write", &Confinement::write}}};
constexpr std::array<std::pair<std::string_view, std::uint64_t Confinement::*>, 4> kLimits{
    {{"max_data_bytes", &Confinement::max_data_bytes},
     {"max_open_files", &Confinement::max_open_files},
     {"max_file_bytes", &Confinement::max_file_bytes},
     {"max_threads", &Confinement::max_threads}}};

void key(json::Writer& writer, std::string_view name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

bool read_paths(const json::Value& value, std::vector<std::string>& paths) {
  if (!value.IsArray()) return false;
  for (const auto& path : value.GetArray()) {
    if (!path.IsString()) return false;
    paths.emplace_back(json::view(path));
  }
  return true;
}

}  // namespace

std::string to_text(const Confinement& confinement) {
  json::Buffer buffer;
  json::Writer writer(buffer);
  const auto mode = kModes.at(static_cast<std::size_t>(confinement.mode));
  writer.StartObject();
  writer.Key("mode");
  writer.String(mode.data(), static_cast<rapidjson::SizeType>(mode.size()));
  for (const auto& [name, flag] : kFlags) {
    key(writer, name);
    writer.Bool(confinement.*flag);
  }
  for (const auto& [name, paths] : kPaths) {
    key(writer, name);
    writer.StartArray();
    for (const auto& path : confinement.*paths) writer.String(path);
    writer.EndArray();
  }
  for (const auto& [name, limit] : kLimits) {
    key(writer, name);
    writer.Uint64(confinement.*limit);
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

// All or nothing: a worker that misunderstands what it may do does not start.
Result<Confinement> read_confinement(std::string_view text) {
  const auto nonsense = failure(Code::invalid_argument, "what it was told of its confinement makes no sense");
  const auto document = json::parse(text);
  if (!document || !document->IsObject()) return nonsense;
  Confinement confinement;
  const auto* mode = json::find(*document, "mode");
  if (mode == nullptr || !mode->IsString()) return nonsense;
  const auto found = std::ranges::find(kModes, json::view(*mode));
  if (found == kModes.end()) return nonsense;
  confinement.mode = static_cast<Mode>(found - kModes.begin());
  for (const auto& [name, flag] : kFlags) {
    const auto* value = json::find(*document, name);
    if (value == nullptr || !value->IsBool()) return nonsense;
    confinement.*flag = value->GetBool();
  }
  for (const auto& [name, paths] : kPaths) {
    const auto* value = json::find(*document, name);
    if (value == nullptr || !read_paths(*value, confinement.*paths)) return nonsense;
  }
  for (const auto& [name, limit] : kLimits) {
    const auto* value = json::find(*document, name);
    if (value == nullptr || !value->IsUint64()) return nonsense;
    confinement.*limit = value->GetUint64();
  }
  return confinement;
}

}  // namespace berth::worker
