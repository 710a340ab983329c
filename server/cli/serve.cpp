// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "app.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/server_options.h"
#include "config/installation.h"

namespace berth::cli {

void add_serve(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("serve", "Run the server until SIGTERM or Ctrl-C");
  const auto options = std::make_shared<ServerOptions>();
  add_folder_options(*command, *options);
  add_listen_options(*command, *options);
  command->footer(
      "Without --models-dir and --plugins-dir it serves those that came with the program. Options win over the file.\n"
      "SIGTERM and Ctrl-C let running requests finish; a second one ends it at once.\n\n"
      "Examples:\n"
      "  berth serve\n"
      "  berth serve --config /etc/berth/berth.yaml\n"
      "  berth serve --models-dir models --plugins-dir build/plugins --listen-port 8080");
  command->callback([options, &chosen] {
    chosen = [options] {
      auto config = to_config(*options);
      if (!config) return fail(config.error().message.c_str(), kUsage);
      if (config->server.state_dir.empty()) config->server.state_dir = config::default_state_dir();
      return run_server(*config);
    };
  });
}

}  // namespace berth::cli
