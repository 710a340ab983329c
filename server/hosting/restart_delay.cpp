// SPDX-License-Identifier: Apache-2.0
#include "hosting/restart_delay.h"

#include <algorithm>

namespace berth::hosting {

RestartDelay::Delay RestartDelay::after_death_on_call(bool had_answered, Clock::time_point now) {
  start_deaths_ = 0;
  if (now - last_event_ >= kQuiet) {
    deaths_.clear();
    delayed_ = 0;
  }
  last_event_ = now;
  if (had_answered) return Delay(0);
  deaths_.push_back(now);
  if (deaths_.size() > kFreeDeaths + 1) deaths_.pop_front();
  const bool too_many = deaths_.size() > kFreeDeaths && now - deaths_.front() < kQuiet;
  if (!too_many && delayed_ == 0) return Delay(0);
  return doubled(delayed_++);
}

RestartDelay::Delay RestartDelay::after_death_on_start(bool refused) {
  // The same package will refuse again; it is tried now and then, because what it lacks may come.
  start_deaths_ = refused ? std::max(kMaxStartDeaths, start_deaths_) : start_deaths_ + 1;
  return gave_up_starting() ? max_ : doubled(start_deaths_ - 1);
}

RestartDelay::Delay RestartDelay::doubled(unsigned times) const {
  Delay delay = min_;
  for (; times > 0 && delay < max_; --times) delay *= 2;
  return std::min(delay, max_);
}

}  // namespace berth::hosting
