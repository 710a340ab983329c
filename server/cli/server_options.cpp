// SPDX-License-Identifier: Apache-2.0
#include "cli/server_options.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

namespace berth::cli {
namespace {

namespace fs = std::filesystem;

// Whether something in `folder`, at most `depth` folders down, is what is looked for. What cannot be read holds
// nothing.
bool holds(const fs::path& folder, int depth, bool (*wanted)(const fs::path&)) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    const bool is_folder = entries->is_directory(ignored);
    if (is_folder ? depth > 0 && holds(entries->path(), depth - 1, wanted) : wanted(entries->path())) return true;
  }
  return false;
}

// Left open, the folder would be the one that came with the program.
constexpr const char* kNoFolder = "/dev/null";

bool is_library(const fs::path& path) { return path.extension() == ".so"; }
bool is_package(const fs::path& path) { return path.filename() == "model.yaml"; }

}  // namespace

Result<> take_from_folder(const std::string& folder, ServerOptions& options) {
  const bool has_libraries = holds(folder, 1, is_library);
  const bool has_packages = holds(folder, 2, is_package);
  if (!has_libraries && !has_packages) {
    return failure(Code::invalid_argument,
                   folder + " holds neither packages (NAME/VERSION/model.yaml) nor plugins (*.so)");
  }
  options.models_dir = has_packages ? folder : kNoFolder;
  if (has_libraries) options.plugins_dirs.push_back(folder);
  return {};
}

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
  command.add_option("--state-dir", options.state_dir, "What must outlive the server, such as active versions")
      ->type_name("DIR");
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
  if (options.state_dir) server.state_dir = std::filesystem::absolute(*options.state_dir);
  if (!options.plugins_dirs.empty()) server.plugins_dirs.clear();
  for (const auto& folder : options.plugins_dirs) server.plugins_dirs.push_back(std::filesystem::absolute(folder));
  return config;
}

}  // namespace berth::cli
