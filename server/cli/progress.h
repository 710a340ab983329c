// SPDX-License-Identifier: Apache-2.0
// Progress: shows on stderr that and how something goes on, for as long as it lives.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace berth::cli {

class Progress {
 public:
  struct Step {
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: not known
  };

  // On a terminal a bar that is drawn ten times a second and wiped off at the end; otherwise one line with `label`.
  // `poll` is called from a thread of its own.
  Progress(std::string label, std::function<Step()> poll);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void draw(const std::stop_token& stop);

  std::string label_;
  std::function<Step()> poll_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

// "loading models  [########............] 2/5  3.1 s"; without a total, the time alone.
std::string format_progress(const std::string& label, Progress::Step step, double seconds);

}  // namespace berth::cli
