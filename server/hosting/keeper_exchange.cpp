// SPDX-License-Identifier: Apache-2.0
// Keeper, the part that makes what serves into what should: starts models, tries them, puts them in place of those
// before.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "hosting/keeper.h"

namespace berth::hosting {
namespace {

void note(const std::string& message, const std::string& name, const std::string& number) {
  log::info("version " + number + " " + message, {.model = name, .component = "hosting"});
}

// Nobody needs to see to a model that nobody holds: the last one who lets go of it sends it away.
ModelPtr make_handle(std::shared_ptr<HostedModel> model) {
  auto* raw = model.get();
  return {raw, [model = std::move(model)](Model*) { model->retire(); }};
}

}  // namespace

Plan Keeper::plan_of(const std::string& name, const Family& family) const {
  std::vector<VersionState> states;
  for (const auto& [number, version] : family.versions) {
    const bool ready = version.serving != nullptr;
    states.push_back({number, ready, !ready && !version.problem.empty(), version.on_disk});
  }
  return plan(options_.versions(name), family.rollout, states, family.targets);
}

void Keeper::settle(const std::string& name, Family& family) {
  // What cannot be loaded makes room for the next in line, which may not be loadable either.
  Plan now = plan_of(name, family);
  for (bool changed = true; changed;) {
    for (const auto& number : now.start) start_next(name, family.versions.at(number));
    auto then = plan_of(name, family);
    changed = then.start != now.start;
    now = std::move(then);
  }
  family.targets = now.targets;
  for (auto item = family.versions.begin(); item != family.versions.end();) {
    auto& [number, version] = *item;
    const bool kept = std::ranges::find(now.keep, number) != now.keep.end();
    if (!kept) {
      stop_next(version);
      if (version.serving != nullptr) note("leaves", name, number);
      version.serving.reset();
      version.handle.reset();
    }
    item = !kept && !version.on_disk ? family.versions.erase(item) : std::next(item);
  }
}

void Keeper::start_next(const std::string& name, Version& version) {
  const auto& wanted = version.wanted;
  if (!wanted.problem.empty()) {
    stop_next(version);
    if (version.problem != wanted.problem) {
      log::error("it cannot be served: " + wanted.problem, {.model = name, .component = "hosting"});
    }
    version.problem = wanted.problem;
    return;
  }
  if (version.tried_identity == wanted.identity) return;  // it is on its way, or failed as it is
  if (version.serving != nullptr && version.serving_identity == wanted.identity) {
    stop_next(version);
    return;
  }
  stop_next(version);
  version.tried_identity = wanted.identity;
  WorkerProcess::Spec spec{wanted.source,
                           wanted.serving,
                           options_.worker_program,
                           options_.fetch,
                           std::make_shared<MetricTable>(),
                           options_.crashes,
                           wanted.package_identity};
  spec.source.fork_server = fork_servers_.get(*wanted.source.copy, wanted.serving, ending_);
  version.next = std::make_shared<HostedModel>(supervisor_, std::move(spec), loops_, next_loop_);
  next_loop_ += wanted.serving.workers;
  const bool beside = std::ranges::any_of(families_, [](const auto& family) {
    return std::ranges::any_of(family.second.versions,
                               [](const auto& other) { return other.second.serving != nullptr; });
  });
  {
    const Lock lock(mutex_);
    std::erase_if(models_, [](const auto& model) { return model.expired(); });
    models_.push_back(version.next);
  }
  version.next->start(
      [this, name, number = wanted.source.version, weak = std::weak_ptr(version.next)] {
        post([this, name, number, weak] { on_change(name, number, weak); });
      },
      beside);
}

void Keeper::stop_next(Version& version) {
  version.problem.clear();
  version.tried_identity.clear();
  if (const auto next = std::exchange(version.next, nullptr); next != nullptr) next->stop();
}

Keeper::Version* Keeper::find_next(const std::string& name, const std::string& number,
                                   const std::shared_ptr<HostedModel>& model) {
  const auto family = families_.find(name);
  if (model == nullptr || family == families_.end()) return nullptr;
  const auto version = family->second.versions.find(number);
  return version != family->second.versions.end() && version->second.next == model ? &version->second : nullptr;
}

void Keeper::on_change(const std::string& name, const std::string& number, const std::weak_ptr<HostedModel>& changed) {
  const auto model = changed.lock();
  auto* version = find_next(name, number, model);
  if (version == nullptr) return;
  const auto status = model->status();
  if (status.state == State::unavailable) {
    // It goes on trying, less and less often, for what it lacks may come.
    version->problem = status.reason;
    settle_all();
  } else if (status.state == State::ready) {
    if (!options_.self_test) return on_tested(name, number, model, {});
    options_.self_test(model, [this, name, number, weak = changed](const Result<>& result) {
      post([this, name, number, weak, result] { on_tested(name, number, weak.lock(), result); });
    });
  }
}

void Keeper::on_tested(const std::string& name, const std::string& number, const std::shared_ptr<HostedModel>& tested,
                       const Result<>& result) {
  auto* version = find_next(name, number, tested);
  if (version == nullptr) return;
  if (result) {
    note(version->serving == nullptr ? "serves" : "serves as it is now", name, number);
    version->serving_identity = std::exchange(version->tried_identity, "");
    version->serving = std::exchange(version->next, nullptr);
    version->handle = make_handle(version->serving);
    version->problem.clear();
  } else {
    // As it is it would fail again: it is not tried before it changes or somebody asks for it.
    const auto tried = version->tried_identity;
    stop_next(*version);
    version->tried_identity = tried;
    version->problem = "it failed its self-test: " + result.error().message;
    log::error(version->problem, {.model = name, .component = "hosting"});
  }
  settle_all();
}

}  // namespace berth::hosting
