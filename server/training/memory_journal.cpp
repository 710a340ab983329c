// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <list>
#include <map>

#include "base/mutex.h"
#include "training/trainings.h"

namespace berth::training {
namespace {

class MemoryJournal final : public Journal {
 public:
  explicit MemoryJournal(std::size_t max_finished) : max_finished_(max_finished) {}

  Result<> put(const Training& training) override {
    const Lock lock(mutex_);
    const auto known = std::ranges::find(trainings_, training.uuid, &Training::uuid);
    if (known != trainings_.end()) {
      *known = training;
    } else {
      trainings_.push_back(training);
    }
    forget_oldest();
    return {};
  }

  std::optional<Training> get(std::string_view uuid) const override {
    const Lock lock(mutex_);
    const auto known = std::ranges::find(trainings_, uuid, &Training::uuid);
    if (known == trainings_.end()) return std::nullopt;
    return *known;
  }

  std::vector<Training> list(std::string_view model) const override {
    const Lock lock(mutex_);
    std::vector<Training> found;
    std::ranges::copy_if(trainings_, std::back_inserter(found), [&](const Training& t) { return t.model == model; });
    return found;
  }

 private:
  void forget_oldest() BERTH_REQUIRES(mutex_) {
    const auto ended = [](const Training& t) { return t.status != Status::running; };
    for (auto count = static_cast<std::size_t>(std::ranges::count_if(trainings_, ended)); count > max_finished_;
         --count) {
      trainings_.erase(std::ranges::find_if(trainings_, ended));
    }
  }

  const std::size_t max_finished_;
  mutable Mutex mutex_;
  std::list<Training> trainings_ BERTH_GUARDED_BY(mutex_);  // oldest first
};

}  // namespace

std::unique_ptr<Journal> make_memory_journal(std::size_t max_finished) {
  return std::make_unique<MemoryJournal>(max_finished);
}

}  // namespace berth::training
