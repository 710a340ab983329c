// SPDX-License-Identifier: Apache-2.0
// Keeper: makes what is served into what should be: it loads, tries, exchanges and retires models, on a thread of its
// own.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/loop.h"
#include "base/mutex.h"
#include "base/result.h"
#include "hosting/discovery.h"
#include "hosting/folder_watch.h"
#include "hosting/fork_server.h"
#include "hosting/hosted_model.h"
#include "hosting/registry.h"
#include "hosting/rollout.h"
#include "hosting/routes.h"
#include "hosting/supervisor.h"

namespace berth::hosting {

// There is one way for a model to change: a scan says what is on disk, settle() compares that with what serves and
// starts what is missing; a new one that is ready takes its place in the routes, and the one before leaves when nobody
// holds it any more.
class Keeper {
 public:
  static Result<std::unique_ptr<Keeper>> create(const RegistryOptions& options, std::shared_ptr<Supervisor> supervisor,
                                                std::vector<Loop*> loops);
  ~Keeper();

  std::shared_ptr<const Routes> routes() const;  // [any]

  // As the registry's. [any]
  void load_all(const Registry::Done& done);
  void load(std::string name, const Registry::Done& done);
  void unload(std::string name, const Registry::Done& done);
  void change_rollout(std::string name, Registry::ChangeRollout change, const Registry::Done& done);

  // Changes nothing from now on; who waits is told cancelled. Returns when what it was doing is done. Not from a loop's
  // thread.
  void stop();

  // Every model that still has a process or a call, retired ones included. [any]
  std::vector<std::shared_ptr<HostedModel>> models() const;

 private:
  struct Version {
    Wanted wanted;
    bool found = false;    // by the last scan
    bool missing = false;  // from that scan for the first time
    bool on_disk = true;
    std::shared_ptr<HostedModel> serving;
    ModelPtr handle;  // to `serving`: lets it retire when nobody holds it
    std::string serving_identity;
    std::shared_ptr<HostedModel> next;
    std::string tried_identity;  // of `next`, or of what failed
    std::string problem;
  };
  struct HigherLast {
    bool operator()(const std::string& left, const std::string& right) const;
  };
  struct Family {
    Rollout rollout;
    Targets targets;
    std::map<std::string, Version, HigherLast> versions;
    std::shared_ptr<std::atomic<std::uint64_t>> number = std::make_shared<std::atomic<std::uint64_t>>(0);
  };
  struct Waiting {
    std::string name;  // "" = all
    Registry::Done done;
  };

  Keeper(const RegistryOptions& options, std::shared_ptr<Supervisor> supervisor, std::vector<Loop*> loops);
  bool post(std::function<void()> task);

  void scan();
  void end_unused();
  Family& family(const std::string& name);
  void settle_all();
  void settle(const std::string& name, Family& family);
  void start_next(const std::string& name, Version& version);
  void stop_next(Version& version);
  void on_change(const std::string& name, const std::string& number, const std::weak_ptr<HostedModel>& changed);
  void on_tested(const std::string& name, const std::string& number, const std::shared_ptr<HostedModel>& tested,
                 const Result<>& result);
  Version* find_next(const std::string& name, const std::string& number, const std::shared_ptr<HostedModel>& model);
  Plan plan_of(const std::string& name, const Family& family) const;
  Result<> keep(const std::string& name, Family& family, Rollout rollout);
  void publish();
  void tell_waiting();
  bool is_settled(const std::string& name, Result<>& outcome) const;

  const RegistryOptions& options_;
  const std::shared_ptr<Supervisor> supervisor_;
  const std::vector<Loop*> loops_;
  const RolloutStore store_;
  std::atomic<bool> ending_ = false;

  std::unique_ptr<Loop> loop_;
  // What follows, to the mutex, belongs to the loop's thread.
  ForkServers fork_servers_;
  Discovery discovery_;
  std::unique_ptr<FolderWatch> watch_;
  Loop::Timer look_again_;
  Loop::Timer end_unused_;
  std::map<std::string, Family> families_;
  std::vector<Waiting> waiting_;
  std::size_t next_loop_ = 0;

  mutable Mutex mutex_;
  // Taken for each call, by threads that come before this one: it is held for a swap alone.
  mutable Mutex routes_mutex_;
  std::shared_ptr<const Routes> routes_ BERTH_GUARDED_BY(routes_mutex_) = std::make_shared<const Routes>();
  std::vector<std::weak_ptr<HostedModel>> models_ BERTH_GUARDED_BY(mutex_);

  std::jthread thread_;
};

}  // namespace berth::hosting
