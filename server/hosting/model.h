// SPDX-License-Identifier: Apache-2.0
// Model: a package (or a plugin that needs none), served by worker processes behind one bounded queue.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "hosting/call.h"
#include "hosting/metric_table.h"
#include "hosting/statistics.h"
#include "worker/confinement.h"

namespace berth::hosting {

// What a model said of itself when its first worker created it. JSON texts, checked: objects, or an array for the args.
struct Description {
  std::string metadata_json = "{}";
  std::string test_args_json = "[]";  // as docs/args.md
  std::string train_args_json = "[]";
  std::string response_schema_json;  // "" where the model declares none
  std::string inputs_json = "[]";    // as docs/open_inference.md
  std::string outputs_json = "[]";
  bool has_predict_data = false;
  bool has_predict_url = false;
  bool has_train = false;
  bool has_predict_batch = false;
  std::string walls;  // what keeps its workers, for people
};

class LibraryCopy;
class ForkServer;

// What a model is made of; immutable once loaded.
struct Source {
  std::string name;
  std::string version;                           // "1" where the package has none
  std::string type;                              // which model type of the plugin; "" = its only one
  std::filesystem::path plugin;                  // the library, where it was found
  std::shared_ptr<const LibraryCopy> copy;       // of it: what workers map
  std::filesystem::path package;                 // folder; empty where the model needs none
  std::string config_json = "{}";                // model.yaml as JSON
  std::shared_ptr<ForkServer> fork_server = {};  // that workers are forked from; null: they are started
};

// What a model's workers may do beside computing. The operator says so, never a package.
struct Permissions {
  worker::Mode confinement = worker::Mode::on;
  bool network = false;
  bool processes = false;                         // to start processes and programs
  std::vector<std::filesystem::path> read = {};   // besides their package, their plugin and the system's libraries
  std::vector<std::filesystem::path> write = {};  // besides their scratch folder; what they may read, too
};

// What one worker may take of the machine. A package may ask for less, never for more.
struct WorkerLimits {
  std::size_t memory_bytes = 16UL * 1024 * 1024 * 1024;
  std::chrono::milliseconds cpu_per_call{600'000};  // all its threads together, in one call or batch; trainings: none
  std::size_t threads = 1024;
  std::size_t open_files = 1024;
  std::size_t scratch_bytes = 16UL * 1024 * 1024 * 1024;  // all of its scratch folder, and any one file
};

// How a model is served. Every bound is configurable per model (config/berth.yaml documents each).
struct ServingOptions {
  std::size_t workers = 1;
  std::size_t threads_per_worker = 1;                 // OMP_NUM_THREADS of the worker
  bool fork_server = true;                            // workers are forked, not started
  std::size_t max_queue = 256;                        // waiting calls; beyond: busy with retry_after
  std::size_t max_batch = 8;                          // predict_batch only
  std::chrono::milliseconds max_batch_delay{0};       // how long a first call may wait for company
  std::chrono::milliseconds call_timeout{60'000};     // in the worker; beyond: killed, timeout
  std::chrono::milliseconds queue_timeout{60'000};    // before a worker takes it: busy
  std::chrono::milliseconds load_timeout{120'000};    // create + warm
  std::size_t max_input_bytes = 128UL * 1024 * 1024;  // of one call, and of one batch; beyond: too_large
  std::size_t max_output_bytes = 64UL * 1024 * 1024;  // of one answer, and of one batch's
  // How long a worker looks for its next call before it sleeps, while calls keep coming; costs a core meanwhile.
  std::chrono::microseconds spin{0};
  std::chrono::milliseconds restart_delay_min{100};  // doubles with each death on start, and on calls in a row, up to …
  std::chrono::milliseconds restart_delay_max{30'000};
  WorkerLimits limits = {};
  Permissions permissions = {};
};

// What libraries look at when they are opened: NAME=value.
std::vector<std::string> thread_environment(const ServingOptions& serving);

enum class State { loading, ready, unavailable, draining, unloaded };
std::string_view to_string(State state);
// It answers calls, if only those that it has.
inline bool is_at_work(State state) { return state == State::ready || state == State::draining; }

struct WorkerStatus {
  int pid = 0;
  std::string state;  // "starting", "idle", "busy"
  std::uint64_t calls = 0;
};

struct Status {
  State state = State::loading;
  std::string reason;  // why it is unavailable, or waits between its workers: for people
  std::vector<WorkerStatus> workers;
  std::size_t queued = 0;
  std::uint64_t restarts = 0;
};

// Shared by the registry and by each request that uses it: a request keeps its model alive.
class Model {
 public:
  virtual ~Model() = default;

  virtual const Source& source() const = 0;
  // Null until the first worker is ready; then it never changes. [any]
  virtual std::shared_ptr<const Description> description() const = 0;
  virtual Status status() const = 0;  // [any]

  // Queues the call; never blocks. `on_outcome` gets, besides the model's own errors: busy (queue full), timeout,
  // unavailable (not ready), cancelled (drained away), not_implemented, internal (a worker died twice on it). [any]
  virtual void submit(Call call, OnOutcome on_outcome) = 0;

  // Since this model was loaded. It counts its workers' executions; calls are counted by who answers for them, whose
  // checks may refuse what goes in and what comes out (core/service.h). [any]
  virtual Statistics& statistics() = 0;
  // What the plugin counts itself. [any]
  virtual MetricTable::Values own_metrics() const = 0;
};
using ModelPtr = std::shared_ptr<Model>;

// A long call (a training) in a worker of its own, beside the model's.
class Run {
 public:
  virtual ~Run() = default;
  virtual void request_stop() = 0;  // the plugin's stop flag; it may take its time. [any]
  virtual void kill() = 0;          // ends its worker at once: cancelled. [any]
};

// What a training wrote as the next version of its model. Gone, with its files, when nobody holds it.
class NewPackage {
 public:
  virtual ~NewPackage() = default;
  // Checks the files and writes them where nobody looks for models. `wanted` is asked now and then. cancelled: it said
  // no; invalid_argument: they are no package, with the reason; too_large; unavailable: the disk does not take them.
  // [blocks]
  virtual Result<> prepare(const std::function<bool()>& wanted) = 0;
  // After prepare: they become a version of the model, which is returned. unavailable as above. [blocks]
  virtual Result<std::string> publish() = 0;
};

struct Progress {
  double fraction = 0;
  std::string details_json;
};

}  // namespace berth::hosting
