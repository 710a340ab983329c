// SPDX-License-Identifier: Apache-2.0
// The log as a test reads it back.
#pragma once

#include <sstream>
#include <string>
#include <string_view>

#include "base/log.h"

namespace berth::test {

// From now on log::recent() has what is logged, as JSON lines.
inline void keep_log() {
  log::open(log::Level::info, log::Format::json);
  log::keep_recent(1UL << 20);
}

// The first line that holds `part`; "" where none does yet.
inline std::string log_line_with(std::string_view part) {
  std::istringstream lines(log::recent());
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) != line.npos) return line;
  }
  return "";
}

// How a line says whose it is.
inline std::string request_id_member(const std::string& id) { return "\"request_id\":\"" + id + "\""; }

}  // namespace berth::test
