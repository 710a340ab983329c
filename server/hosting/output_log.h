// SPDX-License-Identifier: Apache-2.0
// OutputLog: what a plugin prints, line by line into the log with the model's name and the requests' ids, within
// bounds.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/loop.h"
#include "base/rate_bound.h"
#include "hosting/output_pipe.h"

namespace berth::hosting {

// Reads as fast as the plugin writes, so that it never waits for the log; lines above a rate are counted, not kept.
// [loop] throughout.
class OutputLog {
 public:
  OutputLog(Loop& loop, std::shared_ptr<OutputPipe> pipe, std::string model);
  OutputLog(const OutputLog&) = delete;
  OutputLog& operator=(const OutputLog&) = delete;

  // A line that the plugin logs rather than prints: within the same bounds.
  void say(log::Level level, std::string_view request_ids, std::string_view line);

  // Takes what is left in the pipe, and stops reading.
  void finish();

  // The last lines, for the reason of a death.
  const std::string& tail() const { return tail_; }
  // The last lines that it printed or logged, also of those that were not kept in the log.
  const std::string& last_lines() const { return last_lines_; }

 private:
  bool read_some();
  void take(std::string_view bytes, const std::string& request_ids);
  void end_line();
  void remember(std::string_view line);
  bool has_room(std::size_t bytes);
  void tell_dropped();

  Loop& loop_;
  const std::shared_ptr<OutputPipe> pipe_;
  const std::string model_;
  std::string line_;
  std::string line_ids_;  // of the calls in which it was begun
  bool cut_ = false;      // the line was longer than what is kept of it
  std::string tail_;
  std::string last_lines_;
  RateBound rate_;
  std::size_t dropped_bytes_ = 0;
  Loop::Timer tell_later_;
  Loop::Watch watch_;  // last: it goes first
};

}  // namespace berth::hosting
