// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/exit_code.h"
#include "cli/model_table.h"
#include "cli/server_options.h"
#include "cli/temporary_server.h"

namespace berth::cli {
namespace {

struct Options {
  std::string url = "http://127.0.0.1:5000";
  std::string key_file;
  std::string folder;
  ServerOptions folders;
  bool json = false;
};

int list(const std::string& url, const std::string& key, bool json) {
  const auto client = Client::create(url, std::chrono::seconds(30), key);
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto answer = client->get("/v2/berth/models");
  if (!answer) return fail(answer.error().message.c_str(), kFailed);
  if (answer->status == 401 || answer->status == 403) {
    return fail((url + " shows this to viewers and admins: name a key by --key-file or $BERTH_API_KEY").c_str(),
                kFailed);
  }
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
    const auto key = find_key(options.key_file, options.url);
    if (!key) return fail(key.error().message.c_str(), kUsage);
    return list(options.url, *key, options.json);
  }
  const auto server = TemporaryServer::start(folders, "");
  if (!server) return fail(server.error().message.c_str(), kFailed);
  return list((*server)->url(), (*server)->admin_key(), options.json);
}

}  // namespace

void add_list(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("ls", "List models: version, state, methods, workers");
  const auto options = std::make_shared<Options>();
  auto* url = command->add_option("--url", options->url, "The server to ask")->capture_default_str();
  add_key_option(*command, options->key_file);
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
