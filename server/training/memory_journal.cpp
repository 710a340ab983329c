// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <list>
#include <map>

#include "base/mutex.h"
#include "training/trainings.h"

namespace berth::training {
namespace {

// What the parts take that a client or a model chose.
std::size_t bytes_of(const Training& training) {
  const auto& output = training.output;
  std::size_t bytes = sizeof training + training.args_json.size() + training.progress_json.size() +
                      training.message.size() + output.body.size() + output.content_type.size() +
                      output.file_name.size();
  for (const auto& tensor : output.tensors) bytes += tensor.bytes.size();
  return bytes;
}

class MemoryJournal final : public Journal {
 public:
  explicit MemoryJournal(JournalLimits limits) : limits_(limits) {}

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
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (auto training = trainings_.end(); training != trainings_.begin();) {
      --training;
      if (training->status == Status::running) continue;
      bytes += bytes_of(*training);
      if (++count > limits_.max_finished || (count > 1 && bytes > limits_.max_finished_bytes)) {
        training = trainings_.erase(training);
      }
    }
  }

  const JournalLimits limits_;
  mutable Mutex mutex_;
  std::list<Training> trainings_ BERTH_GUARDED_BY(mutex_);  // oldest first
};

}  // namespace

std::unique_ptr<Journal> make_memory_journal(JournalLimits limits) { return std::make_unique<MemoryJournal>(limits); }

}  // namespace berth::training
