// SPDX-License-Identifier: Apache-2.0
// The server's log: lines for people on a terminal, JSON lines otherwise; each carries the request it belongs to.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::log {

enum class Level { trace, debug, info, warning, error };
enum class Format { automatic, text, json };  // automatic: text where stderr is a terminal

// What a line belongs to; empty members are left out. Views need to live only during the call.
struct Context {
  std::string_view request_id = {};
  std::string_view model = {};
  std::string_view component = {};
};

// Opens the log on stderr. Call once, before the first line; without it, lines at `info` and above go to stderr as
// text.
void open(Level level, Format format);

// Writes one line; control characters in `message` are escaped, so that a client cannot forge one. [any]
void write(Level level, std::string_view message, const Context& context = {});

inline void debug(std::string_view message, const Context& context = {}) { write(Level::debug, message, context); }
inline void info(std::string_view message, const Context& context = {}) { write(Level::info, message, context); }
inline void warning(std::string_view message, const Context& context = {}) { write(Level::warning, message, context); }
inline void error(std::string_view message, const Context& context = {}) { write(Level::error, message, context); }

Result<Level> parse_level(std::string_view name);
Result<Format> parse_format(std::string_view name);

// The last `max_bytes` of what was logged, oldest line first, as text; for /v2/debug/. Empty unless keep_recent was
// called.
void keep_recent(std::size_t max_bytes);
std::string recent();

}  // namespace berth::log
