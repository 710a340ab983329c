// SPDX-License-Identifier: Apache-2.0
#include "hosting/registry.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <future>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "hosting/discovery.h"
#include "hosting/hosted_model.h"
#include "hosting/package.h"
#include "hosting/run.h"
#include "hosting/supervisor.h"

namespace berth::hosting {
namespace {

using Clock = Loop::Clock;

class ProcessRegistry final : public Registry {
 public:
  ProcessRegistry(RegistryOptions options, std::shared_ptr<Supervisor> supervisor)
      : options_(std::move(options)), supervisor_(std::move(supervisor)), loops_(options_.loops) {
    if (loops_.empty()) loops_.push_back(&supervisor_->loop());
  }
  ~ProcessRegistry() override {
    stop();
    for (const auto& model : models()) model->detach();
    supervisor_->stop();
  }

  void load_all() override;
  Result<ModelPtr> find(std::string_view name, std::string_view version) const override;
  std::vector<Listing> list() const override;
  Result<std::unique_ptr<Run>> start_run(const ModelPtr& model, Call call, std::function<void(Progress)> on_progress,
                                         OnOutcome on_outcome) override;
  void drain(std::chrono::milliseconds grace) override;

 private:
  struct Entry {
    Wanted wanted;
    std::shared_ptr<HostedModel> model;  // null where there is a problem
  };

  std::vector<std::shared_ptr<HostedModel>> models() const;
  Status status_of(const Entry& entry) const;
  bool wait_for_runs(Clock::time_point deadline);
  void stop();

  const RegistryOptions options_;
  const std::shared_ptr<Supervisor> supervisor_;
  std::vector<Loop*> loops_;

  std::atomic<bool> ending_ = false;  // what draining_ tells to those who have no lock

  mutable Mutex mutex_;
  Condition run_ended_;
  std::vector<Entry> entries_ BERTH_GUARDED_BY(mutex_);  // by name, then version
  std::vector<std::shared_ptr<WorkerRun>> runs_ BERTH_GUARDED_BY(mutex_);
  bool draining_ BERTH_GUARDED_BY(mutex_) = false;
};

void ProcessRegistry::load_all() {
  std::vector<Entry> entries;
  std::size_t next_loop = 0;
  for (auto& wanted : discover(options_, ending_)) {
    Entry entry{std::move(wanted), nullptr};
    const auto& [source, serving, problem] = entry.wanted;
    if (problem.empty()) {
      WorkerProcess::Spec spec{source, serving, options_.worker_program, options_.fetch,
                               std::make_shared<MetricTable>()};
      entry.model = std::make_shared<HostedModel>(supervisor_, std::move(spec), loops_, next_loop);
      next_loop += serving.workers;
    } else {
      log::error("it cannot be served: " + problem, {.model = source.name, .component = "hosting"});
    }
    entries.push_back(std::move(entry));
  }
  std::ranges::stable_sort(entries, [](const Entry& left, const Entry& right) {
    const auto &a = left.wanted.source, &b = right.wanted.source;
    return a.name != b.name ? a.name < b.name : version_less(a.version, b.version);
  });
  {
    const Lock lock(mutex_);
    if (draining_) return;  // nobody would stop them
    entries_ = std::move(entries);
  }
  for (const auto& model : models()) model->start();
  for (const auto& model : models()) model->wait_until_settled();
}

std::vector<std::shared_ptr<HostedModel>> ProcessRegistry::models() const {
  const Lock lock(mutex_);
  std::vector<std::shared_ptr<HostedModel>> models;
  for (const auto& entry : entries_) {
    if (entry.model != nullptr) models.push_back(entry.model);
  }
  return models;
}

Status ProcessRegistry::status_of(const Entry& entry) const {
  if (entry.model != nullptr) return entry.model->status();
  Status status;
  status.state = State::unavailable;
  status.reason = entry.wanted.problem;
  return status;
}

// Without a version: the highest that is or was ready, so that a new version which cannot be loaded takes nothing away.
Result<ModelPtr> ProcessRegistry::find(std::string_view name, std::string_view version) const {
  const Lock lock(mutex_);
  const Entry* found = nullptr;
  for (const auto& entry : entries_) {
    const auto& source = entry.wanted.source;
    if (source.name != name || (!version.empty() && source.version != version)) continue;
    const bool served = entry.model != nullptr && entry.model->description() != nullptr;
    if (served) found = &entry;
    if (found == nullptr || found->model == nullptr) found = &entry;
  }
  if (found == nullptr) {
    return failure(Code::not_found, "there is no model " + std::string(name) +
                                        (version.empty() ? "" : " of version " + std::string(version)));
  }
  if (found->model != nullptr && found->model->description() != nullptr) return ModelPtr(found->model);
  const auto status = status_of(*found);
  return failure(Code::unavailable, "model " + std::string(name) + " is not available: " +
                                        (status.reason.empty() ? "it is being loaded" : status.reason));
}

std::vector<Listing> ProcessRegistry::list() const {
  const Lock lock(mutex_);
  std::vector<Listing> listings;
  for (const auto& entry : entries_) {
    const auto& source = entry.wanted.source;
    listings.push_back({source.name, source.version, source.plugin.string(), status_of(entry), entry.model});
  }
  return listings;
}

Result<std::unique_ptr<Run>> ProcessRegistry::start_run(const ModelPtr& model, Call call,
                                                        std::function<void(Progress)> on_progress,
                                                        OnOutcome on_outcome) {
  const auto hosted = std::dynamic_pointer_cast<HostedModel>(model);
  if (hosted == nullptr) return failure(Code::internal, "the model is not of this registry");
  const auto description = hosted->description();
  if (description == nullptr) return failure(Code::unavailable, "the model is not ready");
  if (!description->has_train) return failure(Code::not_implemented, "the model has no train");
  call.method = Method::train;

  const Lock lock(mutex_);
  if (draining_) return failure(Code::cancelled, "the server is being stopped");
  // Told when the run has ended, it is taken off the list; the list is what keeps it until then.
  const auto slot = std::make_shared<std::weak_ptr<WorkerRun>>();
  const auto on_ended = [this, slot] {
    const Lock inner(mutex_);
    std::erase(runs_, slot->lock());
    run_ended_.notify_all();
  };
  auto run = WorkerRun::start(supervisor_, hosted->spec(), std::move(call),
                              {std::move(on_progress), std::move(on_outcome), on_ended});
  *slot = run;
  runs_.push_back(run);
  return std::make_unique<RunHandle>(std::move(run));
}

bool ProcessRegistry::wait_for_runs(Clock::time_point deadline) {
  const Lock lock(mutex_);
  while (!runs_.empty()) {
    if (!run_ended_.wait_until(mutex_, deadline)) return false;
  }
  return true;
}

void ProcessRegistry::drain(std::chrono::milliseconds grace) {
  const auto deadline = Clock::now() + grace;
  std::vector<std::shared_ptr<WorkerRun>> runs;
  {
    const Lock lock(mutex_);
    draining_ = true;
    ending_ = true;
    runs = runs_;
  }
  for (const auto& model : models()) model->begin_drain();
  for (const auto& run : runs) run->request_stop();
  for (const auto& model : models()) model->wait_until_idle(deadline);
  wait_for_runs(deadline);
  stop();
}

// Ends every process and waits for their ends.
void ProcessRegistry::stop() {
  std::vector<std::shared_ptr<WorkerRun>> runs;
  {
    const Lock lock(mutex_);
    draining_ = true;
    ending_ = true;
    runs = runs_;
  }
  for (const auto& model : models()) model->stop();
  for (const auto& run : runs) run->kill();
  // What the supervisor was doing may have started one more; what comes later knows that it must not.
  std::promise<void> reached;
  supervisor_->loop().post([&reached] { reached.set_value(); });
  reached.get_future().wait();
  while (!wait_for_runs(Clock::now() + std::chrono::seconds(1))) {
  }
  supervisor_->wait_for_no_process();
}

}  // namespace

Result<std::unique_ptr<Registry>> Registry::create(RegistryOptions options) {
  if (::access(options.worker_program.c_str(), X_OK) != 0) {
    return failure(Code::unavailable,
                   "cannot run the worker program " + options.worker_program.string() + ": " + std::strerror(errno));
  }
  auto supervisor = Supervisor::create(options.scratch_dir);
  if (!supervisor) return failure(supervisor.error());
  return std::make_unique<ProcessRegistry>(std::move(options), std::move(*supervisor));
}

}  // namespace berth::hosting
