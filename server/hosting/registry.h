// SPDX-License-Identifier: Apache-2.0
// Registry: name → versions → Model; serves what is on disk, changes it while it is served, and says why what cannot be
// loaded is not there.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "hosting/model.h"
#include "hosting/rollout.h"

namespace berth::hosting {

class CrashReporter;

// Fetches for plugins, whose workers have no network of their own: calls back once, on any thread, with a File or an
// error whose model_status says what the plugin is told.
using Fetch = std::function<void(std::string url, std::function<void(Result<File>)> done)>;

// Tries a model that is ready, before it serves: calls back once, on any thread, with what is wrong with it. Must not
// block.
using SelfTest = std::function<void(const ModelPtr& model, std::function<void(Result<>)> done)>;

struct RegistryOptions {
  std::filesystem::path worker_program;             // berth-worker
  std::vector<std::filesystem::path> plugins_dirs;  // *.so in each, and in its direct subfolders
  std::filesystem::path models_dir;                 // <name>/<version>/model.yaml; may be absent
  std::filesystem::path data_dir;                   // what trainings may read; "" = nothing
  std::filesystem::path scratch_dir;                // emptied at start; one folder per worker below it
  std::filesystem::path rollouts_dir;               // what admins decided, kept; "" = until the end only
  std::size_t max_describe_seconds = 20;
  // What changes in the folders is picked up once nothing has changed for so long; 0: only when it is asked for.
  std::chrono::milliseconds settle{500};
  // How a model is served, and which of its versions; called for each that is found.
  std::function<ServingOptions(std::string_view name)> serving = [](std::string_view) { return ServingOptions{}; };
  std::function<VersionPolicy(std::string_view name)> versions = [](std::string_view) { return VersionPolicy{}; };
  Fetch fetch = {};
  SelfTest self_test = {};
  std::shared_ptr<CrashReporter> crashes = {};  // told of workers' deaths; null: nobody is
  // The loops whose threads send calls and take answers; workers are spread over them. They outlive the registry.
  std::vector<Loop*> loops;
};

// A name and version that is on disk or serves.
struct Listing {
  std::string name;
  std::string version;
  std::string plugin;  // path of the library; "" where none was found
  Status status;
  ModelPtr model;       // what serves, or what is being loaded; null where there is neither
  bool active = false;  // it takes the calls that name no version
  std::vector<std::pair<std::string, unsigned>> labels = {};  // with their permille of those calls
};

class Registry {
 public:
  static Result<std::unique_ptr<Registry>> create(RegistryOptions options);
  virtual ~Registry() = default;  // ends every worker

  // Scans the folders, describes each library in a child process, starts the workers, and watches the folders from then
  // on. Returns when every model is ready or unavailable. Not from a loop's thread. Call once.
  virtual void load_all() = 0;

  // The model of that name. `version`: a version, a label, or "" = the active one. Whoever holds the model keeps it at
  // work, also when another has taken its place. not_found: no such name or version; unavailable: it does not serve,
  // with the reason. [any]
  virtual Result<ModelPtr> find(std::string_view name, std::string_view version = {}) const = 0;
  // As find, for a call: one that names no version is counted, and goes to a label's version when it is that label's
  // turn. `principal`: who calls, for a rollout that keeps everybody where they are. [any]
  virtual Result<ModelPtr> choose(std::string_view name, std::string_view version,
                                  std::string_view principal) const = 0;

  virtual std::vector<Listing> list() const = 0;  // by name, then version. [any]

  using Done = std::function<void(Result<>)>;
  // Looks at the folders now, tries again what failed, and loads the model if it was unloaded. `done` is told, on
  // any thread, when each of its versions that should serve does or cannot: not_found, or unavailable with the first
  // reason. [any]
  virtual void load(std::string name, Done done) = 0;
  // Calls that it has are served; it takes no more, until it is loaded again. not_found. [any]
  virtual void unload(std::string name, Done done) = 0;

  // What was decided about the model's versions. not_found. [any]
  virtual Result<Rollout> rollout(std::string_view name) const = 0;
  // Decides it anew, and keeps it: `change` is given the rollout as it is, on a thread of the registry. A version that
  // it names must be on disk: not_found. Traffic moves once the version is ready. [any]
  using ChangeRollout = std::function<Result<Rollout>(const Rollout& now)>;
  virtual void change_rollout(std::string name, ChangeRollout change, Done done) = 0;

  // Starts `call` (Method::train) in a worker of its own. The callbacks come on unspecified threads and must not block.
  virtual Result<std::unique_ptr<Run>> start_run(const ModelPtr& model, Call call,
                                                 std::function<void(Progress)> on_progress, OnOutcome on_outcome) = 0;

  // No new calls; waits until running ones are done or `grace` is over, then ends the workers. Not from a loop's
  // thread.
  virtual void drain(std::chrono::milliseconds grace) = 0;
};

}  // namespace berth::hosting
