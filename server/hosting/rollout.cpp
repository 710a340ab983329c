// SPDX-License-Identifier: Apache-2.0
#include "hosting/rollout.h"

#include <algorithm>
#include <set>
#include <utility>

#include "hosting/package.h"

namespace berth::hosting {
namespace {

constexpr unsigned kWhole = 1000;

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

const VersionState* find(const std::vector<VersionState>& versions, std::string_view wanted) {
  const auto found = std::ranges::find(versions, wanted, &VersionState::version);
  return found == versions.end() ? nullptr : &*found;
}

bool is_ready(const std::vector<VersionState>& versions, std::string_view wanted) {
  const auto* version = find(versions, wanted);
  return version != nullptr && version->ready;
}

// It is not ready, and may become so.
bool is_awaited(const std::vector<VersionState>& versions, std::string_view wanted) {
  const auto* version = find(versions, wanted);
  return version != nullptr && !version->ready && !version->failed && version->on_disk;
}

std::string last_active(const Rollout& rollout) { return rollout.previous.empty() ? "" : rollout.previous.back(); }

std::string label_target(const Targets& targets, const std::string& label) {
  const auto found = targets.labels.find(label);
  return found == targets.labels.end() ? "" : found->second;
}

// Versions that somebody named, whatever the policy, and those that stand in for the ones of these that are not ready.
std::set<std::string, std::less<>> named_versions(const Rollout& rollout, const std::vector<VersionState>& versions,
                                                  const Targets& before) {
  std::set<std::string, std::less<>> named;
  if (!rollout.active.empty()) named.insert(rollout.active);
  if (!rollout.active.empty() && !is_ready(versions, rollout.active)) {
    if (is_ready(versions, before.active)) {
      named.insert(before.active);
    } else if (!is_awaited(versions, rollout.active)) {
      named.insert(last_active(rollout));
    }
  }
  for (const auto& [label, target] : rollout.labels) {
    named.insert(target.version);
    if (!is_ready(versions, target.version)) named.insert(label_target(before, label));
  }
  named.erase("");
  return named;
}

std::string choose_active(const Rollout& rollout, const std::vector<VersionState>& kept, const Targets& before) {
  if (!rollout.active.empty()) {
    for (const auto& wanted : {rollout.active, before.active}) {
      if (is_ready(kept, wanted)) return wanted;
    }
    for (const auto& wanted : {rollout.active, last_active(rollout)}) {
      if (is_ready(kept, wanted)) return wanted;
      if (is_awaited(kept, wanted)) return "";
    }
  }
  const auto highest = std::find_if(kept.rbegin(), kept.rend(), [](const auto& version) { return version.ready; });
  return highest == kept.rend() ? "" : highest->version;
}

// `kept`: the versions that are there once the others are retired.
Targets choose_targets(const Rollout& rollout, const std::vector<VersionState>& kept, const Targets& before) {
  Targets targets;
  targets.active = choose_active(rollout, kept, before);
  for (const auto& [label, target] : rollout.labels) {
    for (const auto& wanted : {target.version, label_target(before, label)}) {
      if (is_ready(kept, wanted)) targets.labels.try_emplace(label, wanted);
    }
  }
  return targets;
}

// The highest versions on disk until `enough` of them satisfy `counts`.
template <typename Counts>
std::vector<std::string> highest(const std::vector<VersionState>& versions, std::size_t enough, Counts counts) {
  std::vector<std::string> taken;
  std::size_t counted = 0;
  for (auto version = versions.rbegin(); version != versions.rend() && (enough == 0 || counted < enough); ++version) {
    if (!version->on_disk) continue;
    taken.push_back(version->version);
    if (counts(*version)) ++counted;
  }
  return taken;
}

// Whether all that can be loaded of what should be is, and something is.
bool is_there(const std::vector<VersionState>& versions, const std::vector<std::string>& wanted) {
  bool any = wanted.empty();
  for (const auto& version : versions) {
    if (!has(wanted, version.version)) continue;
    if (!version.ready && !version.failed) return false;
    any = any || version.ready;
  }
  return any;
}

// FNV-1a with a final mix, so that near principals do not get near numbers.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdULL;
  return value ^ (value >> 33);
}

}  // namespace

void promote(Rollout& rollout, std::string version) {
  if (version == rollout.active) return;
  rollout.previous.push_back(std::exchange(rollout.active, std::move(version)));
  if (rollout.previous.size() > Rollout::kMaxPrevious) rollout.previous.erase(rollout.previous.begin());
}

Result<> roll_back(Rollout& rollout) {
  if (rollout.previous.empty()) return failure(Code::conflict, "there is no version to go back to");
  rollout.active = std::move(rollout.previous.back());
  rollout.previous.pop_back();
  return {};
}

Result<> check(const Rollout& rollout) {
  unsigned shares = 0;
  for (const auto& [label, target] : rollout.labels) {
    const bool like_a_version = !label.empty() && label.front() >= '0' && label.front() <= '9';
    if (!is_good_name(label) || like_a_version) {
      return failure(Code::invalid_argument, "labels: \"" + label +
                                                 "\" is no label: a small letter, then letters, "
                                                 "digits and _ . -");
    }
    if (!is_good_name(target.version)) {
      return failure(Code::invalid_argument, "labels." + label + ".version: \"" + target.version + "\" is no version");
    }
    shares += std::min(target.permille, kWhole + 1);
  }
  if (shares > kWhole) {
    return failure(Code::invalid_argument, "labels: their shares are more than 100 percent together");
  }
  if (!rollout.active.empty() && !is_good_name(rollout.active)) {
    return failure(Code::invalid_argument, "active: \"" + rollout.active + "\" is no version");
  }
  return {};
}

Plan plan(const VersionPolicy& policy, const Rollout& rollout, const std::vector<VersionState>& versions,
          const Targets& before) {
  Plan result;
  if (rollout.unloaded) return result;
  if (policy.listed.empty()) {
    result.start = highest(versions, policy.latest, [](const VersionState& version) { return !version.failed; });
  }
  const auto named = named_versions(rollout, versions, before);
  for (const auto& version : versions) {
    const bool asked_for = named.contains(version.version) || has(policy.listed, version.version);
    if (asked_for && version.on_disk && !has(result.start, version.version)) result.start.push_back(version.version);
  }
  result.keep = result.start;
  if (!is_there(versions, result.start)) {
    for (const auto& version : versions) {
      if (!has(result.keep, version.version)) result.keep.push_back(version.version);
    }
  }
  auto kept = versions;
  std::erase_if(kept, [&](const auto& version) { return !has(result.keep, version.version); });
  result.targets = choose_targets(rollout, kept, before);
  return result;
}

TrafficSplit::TrafficSplit(const Rollout& rollout) : labels_{""} {
  std::vector<unsigned> shares{kWhole};
  for (const auto& [label, target] : rollout.labels) {
    if (target.permille == 0) continue;
    labels_.push_back(label);
    shares.push_back(target.permille);
    shares[0] -= target.permille;
  }
  if (is_even()) return;
  slots_.resize(kSlots);
  sticky_.resize(kSlots);
  // Smooth weighted round robin: each slot goes to whoever is furthest behind its share.
  std::vector<std::int64_t> credit(shares.size(), 0);
  for (auto& slot : slots_) {
    for (std::size_t i = 0; i < shares.size(); ++i) credit[i] += shares[i];
    const auto most = std::ranges::max_element(credit);
    *most -= kWhole;
    slot = static_cast<std::uint16_t>(most - credit.begin());
  }
  // Labels fill up from the far end, each after the one before it, so that a share that grows keeps whom it has.
  std::size_t end = kSlots;
  for (std::size_t i = 1; i < shares.size(); ++i) {
    for (unsigned n = 0; n < shares[i]; ++n) sticky_[--end] = static_cast<std::uint16_t>(i);
  }
}

const std::string& TrafficSplit::choose(std::string_view principal) const {
  return is_even() ? labels_.front() : labels_[sticky_[hash(principal) % kSlots]];
}

}  // namespace berth::hosting
