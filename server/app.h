// SPDX-License-Identifier: Apache-2.0
// App: one running server. It makes every part and connects them; nothing else does.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "hosting/registry.h"

namespace berth {

class App {
 public:
  // Listens; models are loaded by load_models. The error names what could not be had (an address in use, a folder that
  // cannot be made).
  static Result<std::unique_ptr<App>> start(const config::Config& config);
  ~App();

  std::uint16_t port() const;

  // Loads every model that is found; requests are answered meanwhile. Returns when each is ready or unavailable.
  void load_models();
  std::vector<hosting::Listing> models() const;

  // No new work; running work finishes, or `grace` ends it. Call once.
  void drain(std::chrono::milliseconds grace);

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// How the configuration asks for models to be found and served; folders that it leaves open are those that came with
// the program. Loops and fetch are for the caller to fill in.
hosting::RegistryOptions registry_options(const config::Config& config);

// Runs a server until SIGTERM or SIGINT, then drains it; a second signal ends it at once. Says on stdout where it
// listens and what it serves. Returns the exit code. Call from the main thread, before there are others.
int run_server(const config::Config& config);

}  // namespace berth
