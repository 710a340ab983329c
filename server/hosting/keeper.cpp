// SPDX-License-Identifier: Apache-2.0
#include "hosting/keeper.h"

#include <pthread.h>

#include <utility>

#include "base/log.h"
#include "hosting/priority.h"

namespace berth::hosting {
namespace {

constexpr std::chrono::seconds kEndUnusedEvery{10};

Error being_stopped() { return {.code = Code::cancelled, .message = "the server is being stopped"}; }

}  // namespace

bool Keeper::HigherLast::operator()(const std::string& left, const std::string& right) const {
  return version_less(left, right) || (!version_less(right, left) && left < right);
}

Keeper::Keeper(const RegistryOptions& options, std::shared_ptr<Supervisor> supervisor, std::vector<Loop*> loops)
    : options_(options),
      supervisor_(std::move(supervisor)),
      loops_(std::move(loops)),
      store_(options.rollouts_dir),
      fork_servers_(options.worker_program),
      discovery_(options, supervisor_->library_copies(), fork_servers_) {}

Result<std::unique_ptr<Keeper>> Keeper::create(const RegistryOptions& options, std::shared_ptr<Supervisor> supervisor,
                                               std::vector<Loop*> loops) {
  std::unique_ptr<Keeper> keeper(new Keeper(options, std::move(supervisor), std::move(loops)));
  auto loop = Loop::create();
  if (!loop) return failure(loop.error());
  keeper->loop_ = std::move(*loop);
  keeper->thread_ = std::jthread([raw = keeper->loop_.get()](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "berth-keeper");
    const std::stop_callback on_stop(stop, [raw] { raw->stop(); });
    raw->run();
  });
  return keeper;
}

Keeper::~Keeper() { stop(); }

void Keeper::stop() {
  if (!thread_.joinable()) return;
  {
    const Lock lock(mutex_);
    ending_ = true;
    loop_->post([this] {
      watch_.reset();
      look_again_.reset();
      end_unused_.reset();
      for (const auto& waiting : std::exchange(waiting_, {})) waiting.done(failure(being_stopped()));
    });
  }
  thread_.request_stop();
  thread_.join();
}

// False: it comes too late, and does not run.
bool Keeper::post(std::function<void()> task) {
  const Lock lock(mutex_);
  if (!ending_) loop_->post(std::move(task));
  return !ending_;
}

std::shared_ptr<const Routes> Keeper::routes() const {
  const Lock lock(routes_mutex_);
  return routes_;
}

std::vector<std::shared_ptr<HostedModel>> Keeper::models() const {
  const Lock lock(mutex_);
  std::vector<std::shared_ptr<HostedModel>> models;
  for (const auto& weak : models_) {
    if (auto model = weak.lock(); model != nullptr) models.push_back(std::move(model));
  }
  return models;
}

void Keeper::load_all(const Registry::Done& done) {
  const bool posted = post([this, done] {
    if (options_.settle.count() > 0) {
      auto folders = options_.plugins_dirs;
      if (!options_.models_dir.empty()) folders.push_back(options_.models_dir);
      // Watched before they are read, so that no change falls between.
      auto watch =
          FolderWatch::start(*loop_, {.folders = std::move(folders), .settle = options_.settle}, [this] { scan(); });
      if (watch) {
        watch_ = std::move(*watch);
      } else {
        log::warning(watch.error().message, {.component = "hosting"});
      }
    }
    waiting_.push_back({"", done});
    scan();
    end_unused();
    lower_own_priority(kPreparing);  // what it looks at from now on, it looks at beside what serves
  });
  if (!posted) done(failure(being_stopped()));
}

void Keeper::load(std::string name, const Registry::Done& done) {
  const bool posted = post([this, name = std::move(name), done] {
    discovery_.forget_problems();
    fork_servers_.forget_problems();
    if (const auto found = families_.find(name); found != families_.end()) {
      for (auto& [number, version] : found->second.versions) {
        if (!version.problem.empty()) stop_next(version);
        // One whose workers died again and again gets new ones.
        if (version.serving != nullptr && version.serving->status().state == State::unavailable) {
          version.serving_identity.clear();
        }
      }
      if (found->second.rollout.unloaded) {
        auto loaded = found->second.rollout;
        loaded.unloaded = false;
        if (auto kept = keep(name, found->second, std::move(loaded)); !kept) return done(kept);
      }
    }
    waiting_.push_back({name, done});
    scan();
  });
  if (!posted) done(failure(being_stopped()));
}

void Keeper::unload(std::string name, const Registry::Done& done) {
  change_rollout(
      std::move(name),
      [](const Rollout& now) -> Result<Rollout> {
        auto unloaded = now;
        unloaded.unloaded = true;
        return unloaded;
      },
      done);
}

void Keeper::change_rollout(std::string name, Registry::ChangeRollout change, const Registry::Done& done) {
  const bool posted = post([this, name = std::move(name), change = std::move(change), done] {
    const auto found = families_.find(name);
    if (found == families_.end()) return done(failure(Code::not_found, "there is no model " + name));
    auto& family = found->second;
    auto changed = change(family.rollout);
    if (!changed) return done(failure(changed.error()));
    const auto is_known = [&](const std::string& number) {
      const auto version = family.versions.find(number);
      return number.empty() || (version != family.versions.end() && version->second.on_disk);
    };
    if (!is_known(changed->active)) {
      return done(failure(Code::not_found, "active: there is no version " + changed->active + " of " + name));
    }
    for (const auto& [label, target] : changed->labels) {
      if (is_known(target.version)) continue;
      std::string wrong("labels.");
      wrong.append(label).append(".version: there is no version ").append(target.version);
      return done(failure(Code::not_found, wrong.append(" of ").append(name)));
    }
    if (auto kept = keep(name, family, std::move(*changed)); !kept) return done(kept);
    settle_all();
    done({});
  });
  if (!posted) done(failure(being_stopped()));
}

Result<> Keeper::keep(const std::string& name, Family& family, Rollout rollout) {
  if (!options_.rollouts_dir.empty()) {
    if (auto saved = store_.save(name, rollout); !saved) return saved;
  }
  family.rollout = std::move(rollout);
  return {};
}

Keeper::Family& Keeper::family(const std::string& name) {
  const auto [found, is_new] = families_.try_emplace(name);
  if (is_new && !options_.rollouts_dir.empty() && is_good_name(name)) {
    auto rollout = store_.load(name);
    if (rollout) {
      found->second.rollout = std::move(*rollout);
    } else {
      log::error("what was decided about its versions is lost: " + rollout.error().message,
                 {.model = name, .component = "hosting"});
    }
  }
  return found->second;
}

void Keeper::scan() {
  const Deferring deferring;
  auto found = discovery_.scan(ending_);
  if (ending_) return;
  bool look_again = false;
  for (auto& [name, family] : families_) {
    for (auto& [number, version] : family.versions) version.found = false;
  }
  for (auto& wanted : found) {
    auto& version = family(wanted.source.name).versions[wanted.source.version];
    // Of two with the same name and version the one that can be tried counts.
    if (version.found && !wanted.problem.empty()) continue;
    version.found = version.on_disk = true;
    version.wanted = std::move(wanted);
  }
  for (auto& [name, family] : families_) {
    for (auto& [number, version] : family.versions) {
      if (version.found || !version.on_disk) continue;
      // Builds remove a file and write it anew: what is missing is gone once it is missing twice.
      if (std::exchange(version.missing, true) || watch_ == nullptr) {
        version.on_disk = version.missing = false;
      } else {
        look_again = true;
      }
    }
  }
  if (look_again) look_again_ = loop_->call_after(options_.settle, [this] { scan(); });
  settle_all();
}

// Models leave when their last call does.
void Keeper::end_unused() {
  fork_servers_.end_unused();
  end_unused_ = loop_->call_after(kEndUnusedEvery, [this] { end_unused(); });
}

void Keeper::settle_all() {
  for (auto& [name, family] : families_) settle(name, family);
  publish();
  tell_waiting();
}

}  // namespace berth::hosting
