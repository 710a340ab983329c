// SPDX-License-Identifier: Apache-2.0
#include "cli/temporary_server.h"

#include <signal.h>

#include <chrono>
#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "cli/progress.h"
#include "config/installation.h"
#include "identity/secret_files.h"

namespace berth::cli {
namespace {

namespace fs = std::filesystem;

Progress::Step count_loaded(const App& app) {
  Progress::Step step;
  for (const auto& model : app.models()) {
    ++step.total;
    if (model.status.state != hosting::State::loading) ++step.done;
  }
  return step;
}

// Its "models" holds a link to one package and nothing else.
Result<std::unique_ptr<ScratchFolder>> link_package(const fs::path& package) {
  auto folder = ScratchFolder::create();
  if (!folder) return folder;
  const auto models = (*folder)->path() / "models";
  std::error_code error;
  fs::create_directory(models, error);
  if (fs::is_directory(package, error))
    fs::create_directory_symlink(fs::absolute(package), models / package.filename(), error);
  return folder;
}

}  // namespace

Result<std::unique_ptr<TemporaryServer>> TemporaryServer::start(const ServerOptions& options,
                                                                const std::string& only_model) {
  auto config = to_config(options);
  if (!config) return tl::unexpected(std::move(config).error());
  log::open(log::Level::warning, log::Format::text);
  ::signal(SIGPIPE, SIG_IGN);
  config->server.ip = "127.0.0.1";
  config->server.port = 0;
  config->server.base_path.clear();
  config->server.watch_settle = std::chrono::milliseconds(0);
  config->deepaas.v2 = config->deepaas.predict = true;

  auto server = std::unique_ptr<TemporaryServer>(new TemporaryServer());
  if (!only_model.empty()) {
    auto& models_dir = config->server.models_dir;
    auto folder = link_package((models_dir.empty() ? config::find_installation().models_dir : models_dir) / only_model);
    if (!folder) return tl::unexpected(std::move(folder).error());
    server->folder_ = *std::move(folder);
    models_dir = server->folder_->path() / "models";
  }
  auto state = ScratchFolder::create();
  if (!state) return tl::unexpected(std::move(state).error());
  server->state_ = *std::move(state);
  config->server.state_dir = server->state_->path();
  config->store = {};
  config->identity = {};
  config->server.anonymous = config::Anonymous::refused;
  auto app = App::start(*config);
  if (!app) return tl::unexpected(std::move(app).error());
  server->app_ = *std::move(app);
  auto key = identity::read_secret(server->state_->path() / "admin.key");
  if (!key) return tl::unexpected(std::move(key).error());
  server->admin_key_ = *std::move(key);
  server->signals_.watch([&app = *server->app_] { app.drain(std::chrono::milliseconds(0)); });
  const Progress progress("loading models", [&app = *server->app_] { return count_loaded(app); });
  server->app_->load_models();
  return server;
}

TemporaryServer::~TemporaryServer() { signals_.end_watch(); }

std::string TemporaryServer::url() const {
  return std::string("http://127.0.0.1:").append(std::to_string(app_->port()));
}

}  // namespace berth::cli
