// SPDX-License-Identifier: Apache-2.0
// Registry: name → versions → Model; finds what is on disk, loads it, and says why what cannot be loaded is not there.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "hosting/model.h"

namespace berth::hosting {

// Fetches for plugins, whose workers have no network of their own: calls back once, on any thread, with a File or an
// error whose model_status says what the plugin is told.
using Fetch = std::function<void(std::string url, std::function<void(Result<File>)> done)>;

struct RegistryOptions {
  std::filesystem::path worker_program;             // berth-worker
  std::vector<std::filesystem::path> plugins_dirs;  // *.so in each, and in its direct subfolders
  std::filesystem::path models_dir;                 // <name>/<version>/model.yaml; may be absent
  std::filesystem::path scratch_dir;                // emptied at start; one folder per worker below it
  std::size_t max_describe_seconds = 20;
  // How a model is served; called once for each model found.
  std::function<ServingOptions(std::string_view name)> serving = [](std::string_view) { return ServingOptions{}; };
  Fetch fetch = {};
  // The loops whose threads send calls and take answers; workers are spread over them. They outlive the registry.
  std::vector<Loop*> loops;
};

// A name and version that is wanted, whether it could be loaded or not.
struct Listing {
  std::string name;
  std::string version;
  std::string plugin;  // path of the library; "" where none was found
  Status status;
  ModelPtr model;  // null where it could not even be made (bad package, bad library)
};

class Registry {
 public:
  static Result<std::unique_ptr<Registry>> create(RegistryOptions options);
  virtual ~Registry() = default;  // ends every worker

  // Scans the folders, describes each library in a child process and starts the workers. Returns when every model is
  // ready or unavailable. Not from a loop's thread.
  virtual void load_all() = 0;

  // The model of that name; an empty version means the highest one. not_found: no such name or version;
  // unavailable: it is known but was never ready, with the reason. [any]
  virtual Result<ModelPtr> find(std::string_view name, std::string_view version = {}) const = 0;

  virtual std::vector<Listing> list() const = 0;  // by name, then version. [any]

  // Starts `call` (Method::train) in a worker of its own. The callbacks come on unspecified threads and must not block.
  virtual Result<std::unique_ptr<Run>> start_run(const ModelPtr& model, Call call,
                                                 std::function<void(Progress)> on_progress, OnOutcome on_outcome) = 0;

  // No new calls; waits until running ones are done or `grace` is over, then ends the workers. Not from a loop's
  // thread.
  virtual void drain(std::chrono::milliseconds grace) = 0;
};

}  // namespace berth::hosting
