// SPDX-License-Identifier: Apache-2.0
#include "bench/bare_loop.h"

#include <berth/json.h>
#include <berth/package.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "image_classifier/classifier.h"

namespace berth::bench {

using Clock = std::chrono::steady_clock;

struct BareLoop::State {
  State(Package from, std::string file) : package(std::move(from)), image(std::move(file)) {}

  const Package package;
  const std::string image;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t idle = 0;
  int round = 0;
  bool over = false;
  Clock::time_point deadline;
  std::atomic<std::size_t> count = 0;
  std::vector<std::jthread> threads;

  void wait_for_all() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return idle == threads.size(); });
  }

  // Waits for the next round; false when there is none.
  bool next_round(int& seen, Clock::time_point& until) {
    std::unique_lock lock(mutex);
    ++idle;
    changed.notify_all();
    changed.wait(lock, [&] { return over || round != seen; });
    seen = round;
    until = deadline;
    return !over;
  }

  void work() {
    image_classifier::Classifier classifier(image_classifier::read_package_config(package));
    classifier.warm();
    const image_classifier::Image one{"image", image};
    int seen = 0;
    Clock::time_point until;
    while (next_round(seen, until)) {
      while (Clock::now() < until) {
        if (!classifier.classify(std::span(&one, 1)).front().error) ++count;
      }
    }
  }
};

BareLoop::BareLoop(std::size_t threads, const std::filesystem::path& package, const std::string& config_json,
                   std::string image)
    : state_(std::make_unique<State>(Package("bench", "1", package, Json::parse(config_json)), std::move(image))) {
  {
    const std::lock_guard lock(state_->mutex);
    for (std::size_t i = 0; i < threads; ++i) state_->threads.emplace_back([state = state_.get()] { state->work(); });
  }
  state_->wait_for_all();
}

BareLoop::~BareLoop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->over = true;
  }
  state_->changed.notify_all();
  state_->threads.clear();
}

double BareLoop::run(std::chrono::milliseconds duration) {
  const auto started = Clock::now();
  {
    const std::lock_guard lock(state_->mutex);
    state_->count = 0;
    state_->idle = 0;
    state_->deadline = started + duration;
    ++state_->round;
  }
  state_->changed.notify_all();
  state_->wait_for_all();
  return static_cast<double>(state_->count) / std::chrono::duration<double>(Clock::now() - started).count();
}

}  // namespace berth::bench
