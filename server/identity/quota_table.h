// SPDX-License-Identifier: Apache-2.0
// QuotaTable: subjects and what each has used; so many at most, and those that used nothing lately are forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "identity/quota_use.h"

namespace berth::identity {

// Whom a limit is of.
enum class SubjectKind : std::uint8_t { address, user, key, role, model, user_at_model };

// Not for several threads at once. A place stays good until its subject is forgotten, which does not happen while
// something of it runs.
class QuotaTable {
 public:
  struct Key {
    SubjectKind kind;
    std::string_view id;
    std::string_view model;
    bool operator==(const Key&) const = default;
  };
  struct Subject {
    SubjectKind kind;
    std::string id, model;
    QuotaUse use = {};
  };
  using Subjects = std::list<Subject>;
  using Place = Subjects::iterator;

  explicit QuotaTable(std::size_t max) : max_(max) {}
  QuotaTable(const QuotaTable&) = delete;  // keys point into subjects
  QuotaTable& operator=(const QuotaTable&) = delete;

  std::optional<Place> find(const Key& key);
  // It is now the one heard of last.
  void hear_of(Place place);
  // As find(), and where it is not there, it is now. Some that are full are forgotten; where there are too many
  // nevertheless, the one that was heard of least recently and has nothing running is, whatever it has used; where all
  // have, there is one more.
  Place add(const Key& key, QuotaTime now);
  // Something of it runs, and no longer does.
  void start(Place place);
  void end(Place place);
  // Looks at the next `count` subjects, round and round, and forgets those that have all of their quota again.
  void forget_full(QuotaTime now, std::size_t count);

  std::size_t size() const { return places_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };

  void forget(Place place);
  void move(Place place, Subjects& from, Subjects& to);

  const std::size_t max_;
  std::unordered_map<Key, Place, Hash> places_;
  Subjects idle_;  // nothing of them runs; those heard of least recently first
  Subjects busy_;
  Place next_ = idle_.end();  // that forget_full looks at
};

}  // namespace berth::identity
