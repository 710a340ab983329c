// SPDX-License-Identifier: Apache-2.0
#include "cli/server_options.h"

#include <CLI/CLI.hpp>
#include <filesystem>

namespace berth::cli {

void add_folder_options(CLI::App& command, ServerOptions& options) {
  command.add_option("-c,--config", options.config_file, "Configuration (config/berth.yaml explains every key)")
      ->type_name("FILE");
  command.add_option("--models-dir", options.models_dir, "Packages: NAME/VERSION/model.yaml below it")
      ->type_name("DIR");
  command.add_option("--plugins-dir", options.plugins_dirs, "Plugins: *.so in it; may be given several times")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

void add_listen_options(CLI::App& command, ServerOptions& options) {
  command.add_option("--listen-ip", options.listen_ip, "Address to listen on (127.0.0.1)")->type_name("IP");
  command.add_option("--listen-port", options.listen_port, "Port; 0 takes a free one (5000)")->type_name("PORT");
  command.add_option("--base-path", options.base_path, "Stands before every path: /berth")->type_name("PATH");
}

Result<config::Config> to_config(const ServerOptions& options) {
  config::Config config;
  if (!options.config_file.empty()) {
    auto loaded = config::load(options.config_file);
    if (!loaded) return loaded;
    config = *std::move(loaded);
  }
  auto& server = config.server;
  if (options.listen_ip) {
    if (auto checked = config::check_ip(*options.listen_ip, "--listen-ip"); !checked) {
      return tl::unexpected(std::move(checked).error());
    }
    server.ip = *options.listen_ip;
  }
  if (options.base_path) {
    if (auto checked = config::check_base_path(*options.base_path, "--base-path"); !checked) {
      return tl::unexpected(std::move(checked).error());
    }
    server.base_path = *options.base_path;
  }
  if (options.listen_port) server.port = *options.listen_port;
  if (options.models_dir) server.models_dir = std::filesystem::absolute(*options.models_dir);
  if (!options.plugins_dirs.empty()) server.plugins_dirs.clear();
  for (const auto& folder : options.plugins_dirs) server.plugins_dirs.push_back(std::filesystem::absolute(folder));
  return config;
}

}  // namespace berth::cli
