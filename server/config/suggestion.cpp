// SPDX-License-Identifier: Apache-2.0
#include "config/suggestion.h"

#include <algorithm>
#include <numeric>

#include "config/schema.h"

namespace berth::config {
namespace {

// Levenshtein's distance, row by row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t k = 0; k < b.size(); ++k) {
      const auto replaced = diagonal + (a[i] == b[k] ? 0u : 1u);
      diagonal = row[k + 1];
      row[k + 1] = std::min({replaced, row[k] + 1, diagonal + 1});
    }
  }
  return row.back();
}

class KeyList : public Fields {
 public:
  std::vector<std::string> keys;

  void open(Key block, Help) override {
    add(block);
    prefix_.append(block).append(".");
  }
  void close() override {
    prefix_.pop_back();
    prefix_.resize(prefix_.rfind('.') + 1);  // npos + 1: nothing
  }
  void number(Key key, std::size_t&, Range, Help) override { add(key); }
  void size(Key key, std::size_t&, Range, Help) override { add(key); }
  void duration(Key key, milliseconds&, Range, Help) override { add(key); }
  void flag(Key key, bool&, Help) override { add(key); }
  void text(Key key, std::string&, Check, Help) override { add(key); }
  void choice(Key key, std::string_view&, std::span<const std::string_view>, Help) override { add(key); }
  void texts(Key key, std::vector<std::string>&, Help) override { add(key); }
  void path(Key key, std::filesystem::path&, Help) override { add(key); }
  void paths(Key key, std::vector<std::filesystem::path>&, Help) override { add(key); }
  void deployments(Key key, std::map<std::string, Deployment>&, Help) override { add(key); }
  void models(Key key, std::map<std::string, Serving>&, const Serving&, Help) override { add(key); }

 private:
  void add(Key key) { keys.push_back(prefix_ + std::string(key)); }

  std::string prefix_;
};

}  // namespace

std::string suggest(std::string_view name, const std::vector<std::string>& near, const std::vector<std::string>& far) {
  std::string best;
  auto least = std::max<std::size_t>(2, name.size() / 4) + 1;
  for (const auto& candidate : near) {
    const auto differences = distance(name, candidate);
    if (differences < least && differences < candidate.size()) {
      least = differences;
      best = candidate;
    }
  }
  if (!best.empty()) return best;
  const auto ending = std::string(".").append(name);
  const auto found = std::ranges::find_if(far, [&](const auto& path) { return path.ends_with(ending); });
  return found == far.end() ? "" : *found;
}

std::vector<std::string> all_keys() {
  Config config;
  KeyList list;
  visit(config, list);
  return std::move(list.keys);
}

}  // namespace berth::config
