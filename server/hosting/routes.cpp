// SPDX-License-Identifier: Apache-2.0
#include "hosting/routes.h"

#include <algorithm>

namespace berth::hosting {
namespace {

tl::unexpected<Error> no_such(std::string_view name, std::string_view version) {
  std::string what("there is no model ");
  what.append(name);
  if (!version.empty()) what.append(" of version ").append(version);
  return failure(Code::not_found, std::move(what));
}

// How what is on disk stands, seen apart from what serves.
Status status_of(const RoutedVersion& version) {
  Status status;
  if (version.serving != nullptr) {
    status = version.serving->status();
  } else if (version.next != nullptr) {
    status = version.next->status();
    // Ready it is not, before its self-test.
    if (status.state == State::ready) status.state = State::loading;
  } else if (version.problem.empty()) {
    status.state = State::unloaded;
  } else {
    status.state = State::unavailable;
  }
  if (!version.problem.empty()) {
    status.reason = version.serving == nullptr
                        ? version.problem
                        : "it serves as it was before, for the new one cannot: " + version.problem;
  }
  return status;
}

tl::unexpected<Error> not_served(const RoutedModel& model, std::string_view name, const RoutedVersion* version) {
  std::string reason = model.rollout.unloaded ? "it was unloaded" : "it is not loaded";
  if (version != nullptr) {
    const auto status = status_of(*version);
    if (status.state == State::loading) reason = "it is being loaded";
    if (!status.reason.empty()) reason = status.reason;
  }
  return failure(Code::unavailable, std::string("model ").append(name).append(" is not available: ").append(reason));
}

}  // namespace

const RoutedVersion* RoutedModel::version(std::string_view wanted) const {
  const auto found = std::ranges::find_if(versions, [&](const auto& one) { return one.source.version == wanted; });
  return found == versions.end() ? nullptr : &*found;
}

Result<ModelPtr> Routes::find(std::string_view name, std::string_view version) const {
  const auto found = models.find(name);
  if (found == models.end()) return no_such(name, {});
  const auto& model = found->second;
  if (const auto label = model.rollout.labels.find(version); label != model.rollout.labels.end()) {
    const auto answers = model.targets.labels.find(version);
    version = answers == model.targets.labels.end() ? label->second.version : answers->second;
  }
  const auto* target = model.version(version.empty() ? std::string_view(model.targets.active) : version);
  if (target != nullptr && target->serving != nullptr) return target->serving;
  if (target == nullptr && !version.empty()) return no_such(name, version);
  if (target == nullptr && !model.rollout.active.empty()) target = model.version(model.rollout.active);
  return not_served(model, name, target == nullptr ? &model.versions.back() : target);
}

Result<ModelPtr> Routes::choose(std::string_view name, std::string_view version, std::string_view principal) const {
  const auto found = models.find(name);
  if (found == models.end() || !version.empty() || found->second.split.is_even()) return find(name, version);
  const auto& model = found->second;
  const auto& label = model.rollout.sticky ? model.split.choose(principal) : model.split.choose((*model.number)++);
  if (label.empty()) return find(name, {});
  // A version that does not serve yet leaves its share to the active one.
  auto chosen = find(name, label);
  return chosen ? std::move(chosen) : find(name, {});
}

std::vector<Listing> Routes::list() const {
  std::vector<Listing> listings;
  for (const auto& [name, model] : models) {
    for (const auto& version : model.versions) {
      Listing listing{name, version.source.version, version.source.plugin.string(), status_of(version),
                      version.serving};
      if (listing.model == nullptr) listing.model = version.next;
      listing.active = version.serving != nullptr && version.source.version == model.targets.active;
      for (const auto& [label, target] : model.rollout.labels) {
        if (target.version == version.source.version) listing.labels.emplace_back(label, target.permille);
      }
      listings.push_back(std::move(listing));
    }
  }
  return listings;
}

}  // namespace berth::hosting
