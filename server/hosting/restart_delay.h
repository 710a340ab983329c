// SPDX-License-Identifier: Apache-2.0
// RestartDelay: how long a model waits before it starts a worker in the place of one that died.
#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "base/loop.h"

namespace berth::hosting {

// A worker that had been at work is replaced at once, unless too many in a row die before they have answered anything:
// each call that kills costs two workers, and starting them costs what the machine has for others. [supervisor]
class RestartDelay {
 public:
  using Clock = Loop::Clock;
  using Delay = std::chrono::milliseconds;
  // After so long without a death all is forgotten; also the time over which deaths on calls are counted.
  static constexpr std::chrono::seconds kQuiet{10};
  static constexpr std::size_t kFreeDeaths = 5;   // on calls, within kQuiet: replaced at once
  static constexpr unsigned kMaxStartDeaths = 5;  // in a row; then it is not expected to start

  RestartDelay(Delay min, Delay max) : min_(min), max_(max) {}

  void on_ready(Clock::time_point now) { last_event_ = now; }
  // `had_answered`: the worker had answered calls before the one that it died on.
  Delay after_death_on_call(bool had_answered, Clock::time_point now);
  // `refused`: it said that it cannot serve, as it will again.
  Delay after_death_on_start(bool refused);
  bool gave_up_starting() const { return start_deaths_ >= kMaxStartDeaths; }

 private:
  Delay doubled(unsigned times) const;

  const Delay min_, max_;
  std::deque<Clock::time_point> deaths_;  // on calls, the last kFreeDeaths + 1
  unsigned delayed_ = 0;                  // one after another
  Clock::time_point last_event_ = {};     // the last death on a call, or the last worker that became ready
  unsigned start_deaths_ = 0;             // one after another
};

}  // namespace berth::hosting
