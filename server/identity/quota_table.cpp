// SPDX-License-Identifier: Apache-2.0
#include "identity/quota_table.h"

#include <functional>

namespace berth::identity {

std::size_t QuotaTable::Hash::operator()(const Key& key) const {
  constexpr std::size_t kOdd = 0x9E3779B97F4A7C15;  // so that equal parts do not cancel each other
  const std::hash<std::string_view> hash;
  return (hash(key.id) * kOdd + static_cast<std::size_t>(key.kind)) * kOdd + (key.model.empty() ? 0 : hash(key.model));
}

std::optional<QuotaTable::Place> QuotaTable::find(const Key& key) {
  const auto found = places_.find(key);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

void QuotaTable::hear_of(Place place) {
  if (!place->use.is_running()) move(place, idle_, idle_);
}

QuotaTable::Place QuotaTable::add(const Key& key, QuotaTime now) {
  if (const auto known = find(key)) return *known;
  forget_full(now, 2);  // more than come in: they do not pile up
  if (places_.size() >= max_ && !idle_.empty()) forget(idle_.begin());
  const auto place = idle_.insert(idle_.end(), {key.kind, std::string(key.id), std::string(key.model)});
  places_.emplace(Key{place->kind, place->id, place->model}, place);
  return place;
}

void QuotaTable::start(Place place) {
  if (!place->use.is_running()) move(place, idle_, busy_);
  place->use.start();
}

void QuotaTable::end(Place place) {
  place->use.end();
  if (!place->use.is_running()) move(place, busy_, idle_);
}

void QuotaTable::forget_full(QuotaTime now, std::size_t count) {
  for (; count != 0 && !idle_.empty(); --count) {
    if (next_ == idle_.end()) next_ = idle_.begin();
    const auto place = next_;
    if (place->use.is_full(now))
      forget(place);
    else
      ++next_;
  }
}

void QuotaTable::forget(Place place) {
  if (next_ == place) ++next_;
  places_.erase(Key{place->kind, place->id, place->model});
  idle_.erase(place);
}

void QuotaTable::move(Place place, Subjects& from, Subjects& to) {
  if (next_ == place) ++next_;
  to.splice(to.end(), from, place);
}

}  // namespace berth::identity
