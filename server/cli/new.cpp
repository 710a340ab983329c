// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/plugin_project.h"
#include "config/installation.h"

namespace berth::cli {
namespace {

struct Options {
  std::string name;
  std::string folder;
};

// Where CMake finds Berth by itself, nothing has to be said. A build tree serves as well as an installed one.
std::string prefix_option(const config::Installation& installation) {
  const auto prefix = installation.program.parent_path().parent_path();
  if (prefix.empty() || prefix == "/usr" || prefix == "/usr/local" || prefix == "/") return "";
  return " -DCMAKE_PREFIX_PATH=" + prefix.string();
}

int run(const Options& options) {
  if (!is_plugin_name(options.name)) {
    return fail("a plugin's name is made of a-z, 0-9, _ and -, and begins with a letter or digit", kUsage);
  }
  const auto installation = config::find_installation();
  if (installation.template_dir.empty()) return fail("the SDK's template is not installed", kFailed);
  const std::filesystem::path folder = options.folder.empty() ? options.name : options.folder;
  const auto written = write_project(installation.template_dir, folder, options.name);
  if (!written) return fail(written.error().message.c_str(), kFailed);
  std::printf(
      "%s holds a plugin that works as it is. Next:\n"
      "  cd %s\n"
      "  cmake -B build%s && cmake --build build\n"
      "  berth test build/plugins/%s.so\n"
      "  berth serve --plugins-dir build/plugins\n",
      folder.c_str(), folder.c_str(), prefix_option(installation).c_str(), options.name.c_str());
  return kOk;
}

}  // namespace

void add_new(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("new", "Begin a plugin project that builds and passes its checks");
  const auto options = std::make_shared<Options>();
  command->add_option("name", options->name, "The plugin's and its model's name")->required()->type_name("NAME");
  command->add_option("--dir", options->folder, "Where to write it; ./NAME unless given")->type_name("DIR");
  command->footer(
      "Examples:\n"
      "  berth new my_model\n"
      "  berth new my_model --dir ~/plugins/my_model");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
