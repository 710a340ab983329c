// SPDX-License-Identifier: Apache-2.0
#include "hosting/registry.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "hosting/hosted_model.h"
#include "hosting/keeper.h"
#include "hosting/run.h"
#include "hosting/supervisor.h"

namespace berth::hosting {
namespace {

using Clock = Loop::Clock;

class ProcessRegistry final : public Registry {
 public:
  explicit ProcessRegistry(RegistryOptions options) : options_(std::move(options)) {}
  ~ProcessRegistry() override {
    if (keeper_ == nullptr) return;
    stop();
    for (const auto& model : keeper_->models()) model->detach();
    supervisor_->stop();
  }
  Result<> start();

  void load_all() override;
  Result<ModelPtr> find(std::string_view name, std::string_view version) const override {
    return keeper_->routes()->find(name, version);
  }
  Result<ModelPtr> choose(std::string_view name, std::string_view version, std::string_view principal) const override {
    return keeper_->routes()->choose(name, version, principal);
  }
  std::vector<Listing> list() const override { return keeper_->routes()->list(); }
  void load(std::string name, Done done) override { keeper_->load(std::move(name), done); }
  void unload(std::string name, Done done) override { keeper_->unload(std::move(name), done); }
  Result<Rollout> rollout(std::string_view name) const override;
  void change_rollout(std::string name, ChangeRollout change, Done done) override {
    keeper_->change_rollout(std::move(name), std::move(change), done);
  }
  Result<std::unique_ptr<Run>> start_run(const ModelPtr& model, Call call, std::function<void(Progress)> on_progress,
                                         OnOutcome on_outcome) override;
  void drain(std::chrono::milliseconds grace) override;

 private:
  bool wait_for_runs(Clock::time_point deadline);
  void stop();

  const RegistryOptions options_;
  std::shared_ptr<Supervisor> supervisor_;
  std::unique_ptr<Keeper> keeper_;

  mutable Mutex mutex_;
  Condition run_ended_;
  std::vector<std::shared_ptr<WorkerRun>> runs_ BERTH_GUARDED_BY(mutex_);
  bool draining_ BERTH_GUARDED_BY(mutex_) = false;
};

Result<> ProcessRegistry::start() {
  auto supervisor = Supervisor::create(options_.scratch_dir);
  if (!supervisor) return failure(supervisor.error());
  supervisor_ = std::move(*supervisor);
  auto loops = options_.loops;
  if (loops.empty()) loops.push_back(&supervisor_->loop());
  auto keeper = Keeper::create(options_, supervisor_, std::move(loops));
  if (!keeper) return failure(keeper.error());
  keeper_ = std::move(*keeper);
  return {};
}

void ProcessRegistry::load_all() {
  const auto loaded = std::make_shared<std::promise<void>>();
  keeper_->load_all([loaded](const Result<>&) { loaded->set_value(); });
  loaded->get_future().wait();
}

Result<Rollout> ProcessRegistry::rollout(std::string_view name) const {
  const auto routes = keeper_->routes();
  const auto found = routes->models.find(name);
  if (found == routes->models.end()) return failure(Code::not_found, "there is no model " + std::string(name));
  return found->second.rollout;
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
  auto spec = hosted->spec();
  spec.training = {.models_dir = options_.models_dir, .data_dir = options_.data_dir};
  auto run = WorkerRun::start(supervisor_, std::move(spec), std::move(call),
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
    runs = runs_;
  }
  keeper_->stop();
  const auto models = keeper_->models();
  for (const auto& model : models) model->begin_drain();
  for (const auto& run : runs) run->request_stop();
  for (const auto& model : models) model->wait_until_idle(deadline);
  wait_for_runs(deadline);
  stop();
}

// Ends every process and waits for their ends.
void ProcessRegistry::stop() {
  std::vector<std::shared_ptr<WorkerRun>> runs;
  {
    const Lock lock(mutex_);
    draining_ = true;
    runs = runs_;
  }
  keeper_->stop();
  for (const auto& model : keeper_->models()) model->stop();
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
  auto registry = std::make_unique<ProcessRegistry>(std::move(options));
  if (auto started = registry->start(); !started) return failure(started.error());
  return registry;
}

}  // namespace berth::hosting
