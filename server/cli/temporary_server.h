// SPDX-License-Identifier: Apache-2.0
// TemporaryServer: a server inside this program, on a free loopback port, for commands that need models but no server.
#pragma once

#include <memory>
#include <string>

#include "app.h"
#include "base/result.h"
#include "base/scratch_folder.h"
#include "cli/server_options.h"
#include "cli/stop_signals.h"

namespace berth::cli {

// The commands then speak to it as to any other, so that there is one way to ask a model and not two.
class TemporaryServer {
 public:
  // Loads the models, with a progress bar; returns when each is ready or unavailable. `only_model`: packages of other
  // names are left out, "" takes all. SIGTERM or Ctrl-C end it, which its clients see, and then the process, as soon
  // as this is gone. Call from the main thread, before there are others.
  static Result<std::unique_ptr<TemporaryServer>> start(const ServerOptions& options, const std::string& only_model);
  ~TemporaryServer();

  std::string url() const;
  std::string admin_key() const { return admin_key_; }

 private:
  TemporaryServer() = default;

  StopSignals signals_;
  std::unique_ptr<ScratchFolder> state_;
  std::unique_ptr<ScratchFolder> folder_;  // with a link to the one package; null where all are taken
  std::string admin_key_;
  std::unique_ptr<App> app_;
};

}  // namespace berth::cli
