// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/model_table.h"
#include "cli/server_options.h"
#include "cli/temporary_server.h"

namespace berth::cli {
namespace {

struct Options {
  std::string url = "http://127.0.0.1:5000";
  std::string folder;
  ServerOptions folders;
  bool json = false;
};

int list(const std::string& url, bool json) {
  const auto client = Client::create(url, std::chrono::seconds(30));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto answer = client->get("/v2/berth/models");
  if (!answer) return fail(answer.error().message.c_str(), kFailed);
  if (answer->status != 200) {
    return fail((url + " answered with status " + std::to_string(answer->status)).c_str(), kFailed);
  }
  const auto table = format_models(answer->body);
  if (!table) return fail(table.error().message.c_str(), kFailed);
  std::printf("%s", json ? (answer->body + "\n").c_str() : table->c_str());
  return kOk;
}

int run(const Options& options) {
  auto folders = options.folders;
  if (!options.folder.empty()) {
    if (const auto taken = take_from_folder(options.folder, folders); !taken) {
      return fail(taken.error().message.c_str(), kUsage);
    }
  }
  if (folders.config_file.empty() && !folders.models_dir && folders.plugins_dirs.empty()) {
    return list(options.url, options.json);
  }
  const auto server = TemporaryServer::start(folders, "");
  if (!server) return fail(server.error().message.c_str(), kFailed);
  return list((*server)->url(), options.json);
}

}  // namespace

void add_list(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("ls", "List models: version, state, methods, workers");
  const auto options = std::make_shared<Options>();
  auto* url = command->add_option("--url", options->url, "The server to ask")->capture_default_str();
  auto* folder = command->add_option("folder", options->folder, "Load the packages and plugins in it instead")
                     ->type_name("DIR")
                     ->excludes(url);
  auto* folders = command->add_option_group("Folders", "Load what is there instead of asking a server");
  add_folder_options(*folders, options->folders);
  folders->excludes(url);
  folder->excludes(folders->get_option("--models-dir"));
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Models that could not be loaded are listed as unavailable, with the reason.\n\n"
      "Examples:\n"
      "  berth ls\n"
      "  berth ls --url http://gpu1:5000 --json\n"
      "  berth ls build/plugins\n"
      "  berth ls models --plugins-dir build/plugins");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
