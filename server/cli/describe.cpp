// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "config/installation.h"
#include "elf/preflight.h"
#include "hosting/library.h"

namespace berth::cli {
namespace {

struct Options {
  std::string library;
  bool json = false;
};

void member(json::Writer& writer, const char* name, const std::string& value) {
  writer.Key(name);
  writer.String(value);
}

std::string to_json(const hosting::Library& library) {
  json::Buffer buffer;
  json::Writer writer(buffer);
  writer.StartObject();
  member(writer, "path", library.path.string());
  member(writer, "name", library.name);
  member(writer, "version", library.version);
  member(writer, "sdk_version", library.sdk_version);
  member(writer, "build_info", library.build_info);
  writer.Key("abi_version");
  writer.Uint(library.abi_version);
  writer.Key("models");
  writer.StartArray();
  for (const auto& model : library.models) {
    writer.StartObject();
    member(writer, "name", model.name);
    writer.Key("needs_package");
    writer.Bool(model.needs_package);
    writer.Key("methods");
    writer.StartArray();
    for (const auto& method : model.methods) writer.String(method);
    writer.EndArray();
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  return buffer.GetString();
}

std::string to_table(const hosting::Library& library) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& model : library.models) {
    std::string methods;
    for (const auto& method : model.methods) methods.append(methods.empty() ? "" : ", ").append(method);
    rows.push_back({model.name, model.needs_package ? "yes" : "no", methods});
  }
  return format_table({"plugin", library.name}, {{"version", library.version},
                                                 {"sdk", library.sdk_version},
                                                 {"abi", std::to_string(library.abi_version)},
                                                 {"built with", library.build_info},
                                                 {"file", library.path.string()}}) +
         "\n" + format_table({"MODEL", "NEEDS PACKAGE", "METHODS"}, rows);
}

int run(const Options& options) {
  constexpr std::chrono::seconds kTimeout{60};
  const auto worker = config::find_installation().worker;
  const auto problems = elf::find_problems(options.library, worker);
  for (const auto& problem : problems) fail(problem.c_str(), kFailed);
  if (!problems.empty()) return kFailed;
  const auto library = hosting::describe(options.library, worker, kTimeout);
  if (!library) return fail(library.error().message.c_str(), kFailed);
  std::printf("%s", options.json ? (to_json(*library) + "\n").c_str() : to_table(*library).c_str());
  return kOk;
}

}  // namespace

void add_describe(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("describe", "Say what a plugin's library holds");
  const auto options = std::make_shared<Options>();
  command->add_option("library", options->library, "The plugin: a .so file")->required()->type_name("LIB");
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "The file is checked without running it first, then opened in a process of its own. What keeps it from being\n"
      "loaded is named, with what to do about it.\n\n"
      "Examples:\n"
      "  berth describe build/plugins/greeter.so");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
