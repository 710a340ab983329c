// SPDX-License-Identifier: Apache-2.0
// Rollout: what an admin has decided about a model's versions, and who gets which of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::hosting {

// Which of the versions on disk are served. [values]
struct VersionPolicy {
  std::size_t latest = 1;           // the highest so many; those that cannot be loaded do not count; 0: all
  std::vector<std::string> listed;  // not empty: these and no others
  bool operator==(const VersionPolicy&) const = default;
};

// A name for a version, usable wherever a version is ("canary"), with a share of the calls that name none.
struct Label {
  std::string version;
  unsigned permille = 0;  // of those calls
  bool operator==(const Label&) const = default;
};

// Outlives the server's runs, see RolloutStore.
struct Rollout {
  bool unloaded = false;              // nothing of the model is served until it is loaded again
  std::string active;                 // takes the calls that name no version; "" = the highest that is ready
  std::vector<std::string> previous;  // what was active before, the newest last; at most kMaxPrevious
  std::map<std::string, Label, std::less<>> labels;
  bool sticky = false;  // each principal keeps its version for as long as the shares stay as they are

  static constexpr std::size_t kMaxPrevious = 16;
  bool operator==(const Rollout&) const = default;
};

// Makes `version` the active one ("" = automatic) and remembers the one before.
void promote(Rollout& rollout, std::string version);
// Goes back to the one before. conflict: there is none.
Result<> roll_back(Rollout& rollout);

// invalid_argument names the field: a label that is no good name, looks like a version or is "latest"; shares of more
// than 1000 ‰ together.
Result<> check(const Rollout& rollout);

// {"unloaded":b,"active":s|null,"previous":[s],"labels":{l:{"version":s,"percent":n}},"sticky":b}
std::string to_json(const Rollout& rollout);
// Merges that into `base` (RFC 7396): every key is optional, a label that is null is taken away. A new active version
// without a `previous` is promoted. invalid_argument names the key.
Result<Rollout> read_rollout(std::string_view text, const Rollout& base = {});

// How a version stands.
struct VersionState {
  std::string version;
  bool ready = false;
  bool failed = false;  // it cannot be loaded as it is now
  bool on_disk = true;
};

// Which version answers for the names that stand for one.
struct Targets {
  std::string active;                                      // takes the calls that name no version; "" = none can
  std::map<std::string, std::string, std::less<>> labels;  // those for which a version answers
  bool operator==(const Targets&) const = default;
};

struct Plan {
  std::vector<std::string> start;  // should be served: to be loaded where they are not
  std::vector<std::string> keep;   // must not be retired yet; holds all of `start`
  Targets targets;                 // once the others are retired
};
// `versions`: those on disk and those that serve, the highest last. What is served now is kept until what should be is
// ready, and stays where nothing of that can be. `before`: the targets as they are; a name whose version is not ready,
// or failed, leads where it led before. One that led nowhere, as after a restart: the active one waits for its version,
// then for the one that was active before it if that failed, and goes to the highest that is ready if both did.
Plan plan(const VersionPolicy& policy, const Rollout& rollout, const std::vector<VersionState>& versions,
          const Targets& before = {});

// Says which label's version a call without a version goes to. Over any 1,000 calls in a row each label gets its
// permille exactly, evenly spread. [any]
class TrafficSplit {
 public:
  explicit TrafficSplit(const Rollout& rollout);

  // The label, or "" = the active version. `number` counts the calls.
  const std::string& choose(std::uint64_t number) const {
    return is_even() ? labels_.front() : labels_[slots_[number % slots_.size()]];
  }
  // The same for the same principal. A share that grows keeps whom it has; with several labels, those that come after
  // it by name move on.
  const std::string& choose(std::string_view principal) const;
  bool is_even() const { return labels_.size() == 1; }  // everything goes to the active version

 private:
  static constexpr std::size_t kSlots = 1000;
  std::vector<std::string> labels_;    // the first is ""
  std::vector<std::uint16_t> slots_;   // index of a label; none where everything goes to one version
  std::vector<std::uint16_t> sticky_;  // likewise, one label's slots side by side
};

// Keeps rollouts in a folder, one file each; a crash while one is written leaves the one before. [any, blocks]
class RolloutStore {
 public:
  explicit RolloutStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // One that was never saved is empty. unavailable names the file: it cannot be read.
  Result<Rollout> load(std::string_view model) const;
  // On disk when it returns. unavailable: it cannot be written.
  Result<> save(std::string_view model, const Rollout& rollout) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace berth::hosting
