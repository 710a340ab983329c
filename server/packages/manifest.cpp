// SPDX-License-Identifier: Apache-2.0
#include "packages/manifest.h"

#include <rapidjson/prettywriter.h>

#include <set>
#include <system_error>

#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"
#include "packages/names.h"

namespace berth::packages {
namespace {

constexpr unsigned kFormat = 1;

tl::unexpected<Error> bad(const std::string& what) {
  return failure(Code::invalid_argument, std::string(kManifestName) + ": " + what);
}

Result<PackedFile> parse_file(const json::Value& value) {
  const auto* size = json::find(value, "size");
  PackedFile file{json::text_at(value, "path"), 0, normal_hex(json::text_at(value, "sha256"))};
  if (auto problem = path_problem(file.path); !problem.empty()) return bad(printable(file.path) + ": " + problem);
  if (file.path == kManifestName) return bad("it lists itself");
  if (size == nullptr || !size->IsUint64() || file.sha256.empty()) {
    return bad(printable(file.path) + " needs a `size` and a `sha256` of 64 hexadecimal digits");
  }
  file.size = size->GetUint64();
  return file;
}

// A path that is twice there, or is both a file and a folder; "" = none.
std::string clash_in(const std::vector<PackedFile>& files) {
  std::set<std::string_view> paths;
  for (const auto& file : files) {
    if (!paths.insert(file.path).second) return file.path;
  }
  for (const auto path : paths) {
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
      if (paths.contains(path.substr(0, slash))) return std::string(path.substr(0, slash));
    }
  }
  return "";
}

Result<std::vector<PackedFile>> parse_files(const json::Value& document) {
  const auto* list = json::find(document, "files");
  if (list == nullptr || !list->IsArray()) return bad("it has no list `files`");
  std::vector<PackedFile> files;
  bool has_config = false;
  for (const auto& value : list->GetArray()) {
    auto file = parse_file(value);
    if (!file) return failure(std::move(file).error());
    has_config = has_config || file->path == "model.yaml";
    files.push_back(*std::move(file));
  }
  if (!has_config) return bad("it lists no model.yaml");
  if (const auto path = clash_in(files); !path.empty()) return bad(printable(path) + " is listed twice");
  return files;
}

void member(rapidjson::PrettyWriter<json::Buffer>& writer, const char* name, const std::string& value) {
  writer.Key(name);
  writer.String(value);
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  json::Buffer buffer;
  rapidjson::PrettyWriter<json::Buffer> writer(buffer);
  writer.SetIndent(' ', 2);
  writer.StartObject();
  writer.Key("format");
  writer.Uint(kFormat);
  member(writer, "name", manifest.name);
  member(writer, "version", manifest.version);
  member(writer, "plugin", manifest.plugin);
  member(writer, "berth", manifest.berth);
  writer.Key("files");
  writer.StartArray();
  for (const auto& file : manifest.files) {
    writer.StartObject();
    member(writer, "path", file.path);
    writer.Key("size");
    writer.Uint64(file.size);
    member(writer, "sha256", file.sha256);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

Result<Manifest> parse_manifest(std::string_view json) {
  const auto document = json::parse(json);
  if (!document) return bad(document.error().message);
  const auto* format = json::find(*document, "format");
  if (format == nullptr || !format->IsUint()) return bad("it is no manifest of a package");
  if (format->GetUint() != kFormat) return bad("its format is another than 1; a newer Berth can read it");
  Manifest manifest{json::text_at(*document, "name"), json::text_at(*document, "version"),
                    json::text_at(*document, "plugin"), json::text_at(*document, "berth")};
  if (!is_good_name(manifest.name)) return bad("its name " + printable(manifest.name) + " is none for a model");
  if (!is_good_version(manifest.version)) {
    return bad("its version " + printable(manifest.version) + " is none: a digit, then a-z 0-9 _ . -");
  }
  if (!is_good_name(manifest.plugin)) return bad("its plugin " + printable(manifest.plugin) + " cannot be a plugin's");
  auto files = parse_files(*document);
  if (!files) return failure(std::move(files).error());
  manifest.files = *std::move(files);
  return manifest;
}

Result<std::optional<Manifest>> read_manifest(const std::filesystem::path& folder) {
  const auto path = folder / kManifestName;
  std::error_code error;
  const auto status = std::filesystem::symlink_status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return std::optional<Manifest>();
  if (!std::filesystem::is_regular_file(status)) return bad("it is no file");
  const auto text = read_file(path, kMaxManifestBytes, kManifestName);
  if (!text) return failure(Code::invalid_argument, text.error().message);
  auto manifest = parse_manifest(*text);
  if (!manifest) return failure(std::move(manifest).error());
  return std::optional<Manifest>(*std::move(manifest));
}

}  // namespace berth::packages
