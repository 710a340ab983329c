// SPDX-License-Identifier: Apache-2.0
// ServerOptions: the command line's part of the configuration, shared by the commands that read one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace CLI {
class App;
}

namespace berth::cli {

struct ServerOptions {
  std::string config_file = {};
  std::optional<std::string> listen_ip = {};
  std::optional<std::uint16_t> listen_port = {};
  std::optional<std::string> base_path = {};
  std::optional<std::string> state_dir = {};
  std::optional<std::string> models_dir = {};
  std::vector<std::string> plugins_dirs = {};
};

// --config, --models-dir and --plugins-dir. `options` must outlive `command`.
void add_folder_options(CLI::App& command, ServerOptions& options);
// --listen-ip, --listen-port, --base-path and --state-dir.
void add_listen_options(CLI::App& command, ServerOptions& options);

// Names a folder as the one to take everything from: packages (NAME/VERSION/model.yaml), plugins (*.so in it or in its
// direct subfolders), or both. Where it holds no packages there are none, where it holds no plugins they are those that
// `options` names or that came with the program. invalid_argument: it holds neither.
Result<> take_from_folder(const std::string& folder, ServerOptions& options);

// The file, where one is named, with the command line over it. invalid_argument, not_found: every mistake, for people.
Result<config::Config> to_config(const ServerOptions& options);

}  // namespace berth::cli
