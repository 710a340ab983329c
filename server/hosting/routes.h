// SPDX-License-Identifier: Apache-2.0
// Routes: which model answers for a name, a version or a label; a snapshot that never changes once it is published.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hosting/hosted_model.h"
#include "hosting/model.h"
#include "hosting/registry.h"
#include "hosting/rollout.h"

namespace berth::hosting {

// A version as it stands: what serves, and what is on its way to do so.
struct RoutedVersion {
  Source source;
  ModelPtr serving;                   // null where it never was ready; whoever holds it keeps it at work
  std::shared_ptr<HostedModel> next;  // to take its place once it is ready and tested
  std::string problem;                // why the newest on disk cannot be served; "" where nothing is known to be wrong
};

struct RoutedModel {
  explicit RoutedModel(Rollout rollout_in) : rollout(std::move(rollout_in)), split(rollout) {}

  Rollout rollout;
  TrafficSplit split;
  std::vector<RoutedVersion> versions;  // the highest last
  Targets targets;
  std::shared_ptr<std::atomic<std::uint64_t>> number;  // of those calls so far; outlives the snapshot

  const RoutedVersion* version(std::string_view version) const;
};

struct Routes {
  std::map<std::string, RoutedModel, std::less<>> models;

  // As the registry's. [any]
  Result<ModelPtr> find(std::string_view name, std::string_view version) const;
  Result<ModelPtr> choose(std::string_view name, std::string_view version, std::string_view principal) const;
  std::vector<Listing> list() const;
};

}  // namespace berth::hosting
