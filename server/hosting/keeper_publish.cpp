// SPDX-License-Identifier: Apache-2.0
// Keeper, the part that others see: the routes, and the answers to who waits for a model.
#include <utility>

#include "hosting/keeper.h"

namespace berth::hosting {

void Keeper::publish() {
  auto routes = std::make_shared<Routes>();
  for (const auto& [name, family] : families_) {
    RoutedModel routed(family.rollout);
    routed.number = family.number;
    for (const auto& [number, version] : family.versions) {
      routed.versions.push_back({version.wanted.source, version.handle, version.next, version.problem});
    }
    if (routed.versions.empty()) continue;
    routed.targets = family.targets;
    routes->models.emplace(name, std::move(routed));
  }
  std::shared_ptr<const Routes> before = std::move(routes);
  const Lock lock(routes_mutex_);
  routes_.swap(before);
}

// Whether everything of the model that should serve does or cannot; `outcome` then says which.
bool Keeper::is_settled(const std::string& name, Result<>& outcome) const {
  const auto found = families_.find(name);
  if (found == families_.end()) {
    outcome = failure(Code::not_found, "there is no model " + name);
    return true;
  }
  for (const auto& number : plan_of(name, found->second).start) {
    const auto& version = found->second.versions.at(number);
    if (version.next != nullptr && version.problem.empty()) return false;
    if (!version.problem.empty() && outcome) {
      outcome = failure(Code::unavailable, "version " + number + ": " + version.problem);
    }
  }
  return true;
}

void Keeper::tell_waiting() {
  std::vector<std::pair<Registry::Done, Result<>>> told;
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    Result<> outcome;
    bool settled = true;
    if (waiting.name.empty()) {
      for (const auto& [name, family] : families_) {
        Result<> ignored;
        settled = settled && is_settled(name, ignored);
      }
    } else {
      settled = is_settled(waiting.name, outcome);
    }
    if (settled) told.emplace_back(waiting.done, std::move(outcome));
    return settled;
  });
  for (const auto& [done, outcome] : told) done(outcome);
}

}  // namespace berth::hosting
