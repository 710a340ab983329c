// SPDX-License-Identifier: Apache-2.0
#include "worker/plugin.h"

#include <cstddef>
#include <span>

#include "base/json.h"
#include "worker/members.h"

namespace berth::worker {
namespace {

std::string_view text(const char* value) { return value == nullptr ? std::string_view() : std::string_view(value); }

std::span<const berth_model_type* const> types_of(const berth_plugin& entry) {
  return {entry.models, entry.models == nullptr ? 0 : entry.model_count};
}

}  // namespace

Result<Plugin> Plugin::open(const std::filesystem::path& path) {
  namespace dll = boost::dll;
  dll::shared_library library;
  try {
    // load() without an error_code keeps the loader's own words, which name the missing library or symbol.
    library.load(path.string(), dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  } catch (const std::exception& failed) {
    return failure(Code::unavailable, failed.what());
  } catch (...) {
    return failure(Code::unavailable, "its initialisers threw an exception");
  }
  if (!library.has(BERTH_ENTRY_SYMBOL)) {
    return failure(Code::unavailable, "it exports no " BERTH_ENTRY_SYMBOL);
  }
  const auto& entry = library.get<const berth_plugin>(BERTH_ENTRY_SYMBOL);
  if (entry.abi_version != BERTH_ABI_VERSION || entry.size < offsetof(berth_plugin, model_count) + sizeof(size_t)) {
    return failure(Code::unavailable, "it was built for ABI version " + std::to_string(entry.abi_version) +
                                          ", this program has " + std::to_string(BERTH_ABI_VERSION));
  }
  return Plugin(std::move(library), &entry);
}

Result<const berth_model_type*> Plugin::type(std::string_view name) const {
  const auto types = types_of(*entry_);
  std::string known;
  for (const auto* type : types) {
    if (type == nullptr) continue;
    if (text(type->name) == name || (name.empty() && types.size() == 1)) return type;
    known += (known.empty() ? "" : ", ") + std::string(text(type->name));
  }
  if (name.empty()) return failure(Code::not_found, "the plugin has several model types; say which: " + known);
  return failure(Code::not_found, "the plugin has no model type " + std::string(name) + "; it has: " + known);
}

std::string describe(const Plugin& plugin) {
  json::Buffer buffer;
  json::Writer writer(buffer);
  const auto member = [&writer](const char* key, std::string_view value) {
    writer.Key(key);
    writer.String(value.data() == nullptr ? "" : value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  const berth_plugin& entry = plugin.entry();
  writer.StartObject();
  member("name", text(entry.name));
  member("version", text(entry.version));
  member("sdk_version", text(entry.sdk_version));
  member("build_info", text(entry.build_info));
  writer.Key("models");
  writer.StartArray();
  for (const auto* type : types_of(entry)) {
    if (type == nullptr) continue;
    writer.StartObject();
    member("name", text(type->name));
    writer.Key("needs_package");
    writer.Bool(type->needs_package != 0);
    writer.Key("methods");
    writer.StartArray();
    for (const auto method : methods_of(*type)) {
      writer.String(method.data(), static_cast<rapidjson::SizeType>(method.size()));
    }
    writer.EndArray();
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace berth::worker
