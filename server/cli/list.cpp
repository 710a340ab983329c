// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/admin_request.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/model_table.h"
#include "cli/server_options.h"
#include "cli/temporary_server.h"

namespace berth::cli {
namespace {

constexpr std::chrono::seconds kPatience{30};

struct Options {
  ServerToAsk server;
  std::string folder;
  ServerOptions folders;
  bool json = false;
};

int list(const Result<Client>& client, bool json) {
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto body = look_at(*client, "/v2/berth/models", "viewers and admins");
  if (!body) return fail(body.error().message.c_str(), kFailed);
  const auto table = format_models(*body);
  if (!table) return fail(table.error().message.c_str(), kFailed);
  std::printf("%s", json ? (*body + "\n").c_str() : table->c_str());
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
    return list(open_client(options.server, kPatience), options.json);
  }
  const auto server = TemporaryServer::start(folders, "");
  if (!server) return fail(server.error().message.c_str(), kFailed);
  return list(Client::create((*server)->url(), kPatience, {.text = (*server)->admin_key()}), options.json);
}

}  // namespace

void add_list(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("ls", "List models: version, state, methods, workers");
  const auto options = std::make_shared<Options>();
  auto* url = add_server_to_ask(*command, options->server);
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
