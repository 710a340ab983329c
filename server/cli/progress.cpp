// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace berth::cli {

std::string format_progress(const std::string& label, Progress::Step step, double seconds) {
  constexpr std::uint64_t kWidth = 20;
  std::string text = label;
  if (step.total > 0) {
    const auto done = std::min(step.done, step.total);
    const auto filled = static_cast<std::size_t>(kWidth * done / step.total);
    text.append("  [").append(filled, '#').append(kWidth - filled, '.').append("] ");
    text.append(std::to_string(done)).append("/").append(std::to_string(step.total));
  }
  std::array<char, 32> time = {};
  std::snprintf(time.data(), time.size(), "  %.1f s", seconds);
  return text.append(time.data());
}

Progress::Progress(std::string label, std::function<Step()> poll) : label_(std::move(label)), poll_(std::move(poll)) {
  if (::isatty(STDERR_FILENO) == 0) {
    std::fprintf(stderr, "%s\n", label_.c_str());
    return;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { draw(stop); });
}

Progress::~Progress() = default;  // the thread stops first, being the last member

void Progress::draw(const std::stop_token& stop) {
  ::pthread_setname_np(::pthread_self(), "progress");
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, std::chrono::milliseconds(100), [&] { return stop.stop_requested(); })) {
    if (stop.stop_requested()) break;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "\r\033[K%s", format_progress(label_, poll_(), passed.count()).c_str());
    std::fflush(stderr);
  }
  std::fputs("\r\033[K", stderr);
}

}  // namespace berth::cli
