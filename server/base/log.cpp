// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace berth::log {

namespace {

constexpr const char* kLogger = "berth";

// Keeps the last lines, up to so many bytes.
class RecentSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit RecentSink(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  std::string text() {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& line : lines_) all += line;
    return all;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    lines_.emplace_back(formatted.data(), formatted.size());
    bytes_ += formatted.size();
    while (bytes_ > max_bytes_) {
      bytes_ -= lines_.front().size();
      lines_.pop_front();
    }
  }
  void flush_() override {}

  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::deque<std::string> lines_;
};

std::atomic<bool> writes_json = false;

constexpr std::array<std::pair<std::string_view, Level>, 5> kLevels{{{"trace", Level::trace},
                                                                     {"debug", Level::debug},
                                                                     {"info", Level::info},
                                                                     {"warning", Level::warning},
                                                                     {"error", Level::error}}};

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace: return spdlog::level::trace;
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

// What stands before a line: its time, and in JSON the brace that json_line closes.
void set_pattern(spdlog::sinks::sink& sink) {
  auto formatter = writes_json ? std::make_unique<spdlog::pattern_formatter>(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v)",
                                                                             spdlog::pattern_time_type::utc)
                               : std::make_unique<spdlog::pattern_formatter>("%Y-%m-%d %H:%M:%S.%e %v");
  sink.set_formatter(std::move(formatter));
}

// spdlog's own registry keeps the logger, and there is always one to write to.
std::shared_ptr<spdlog::logger> logger() {
  if (auto found = spdlog::get(kLogger)) return found;
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  set_pattern(*sink);
  return std::make_shared<spdlog::logger>(kLogger, std::move(sink));
}

void append_escaped(std::string& line, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      line += c;
    } else {
      line.append("\\x").append(to_hex({&c, 1}));
    }
  }
}

std::string_view name_of(Level level) {
  return std::find_if(kLevels.begin(), kLevels.end(), [&](const auto& entry) { return entry.second == level; })->first;
}

std::string text_line(Level level, std::string_view message, const Context& context) {
  std::string line(name_of(level));
  line.resize(8, ' ');
  const auto label = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    line += name;
    append_escaped(line, value);
    line += ' ';
  };
  label("", context.component);
  label("model=", context.model);
  append_escaped(line, message);
  if (!context.request_id.empty()) line += ' ';
  label("request=", context.request_id);
  return line;
}

// Everything after the time, which the sink's pattern writes.
std::string json_line(Level level, std::string_view message, const Context& context) {
  std::string line = "\"level\":" + json::quote(name_of(level));
  const auto member = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    line += ",\"";
    line += name;
    line += "\":";
    line += json::quote(value);
  };
  member("component", context.component);
  member("model", context.model);
  member("request_id", context.request_id);
  member("message", message);
  line += '}';
  return line;
}

}  // namespace

void open(Level level, Format format) {
  const bool json = format == Format::json || (format == Format::automatic && ::isatty(STDERR_FILENO) == 0);
  writes_json = json;
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  set_pattern(*sink);
  auto made = std::make_shared<spdlog::logger>(kLogger, std::move(sink));
  made->set_level(to_spdlog(level));
  made->flush_on(spdlog::level::trace);
  spdlog::drop(kLogger);
  spdlog::register_logger(std::move(made));
}

void write(Level level, std::string_view message, const Context& context) {
  const auto sink = logger();
  const auto spdlog_level = to_spdlog(level);
  if (!sink->should_log(spdlog_level)) return;
  sink->log(spdlog_level, writes_json ? json_line(level, message, context) : text_line(level, message, context));
}

Result<Level> parse_level(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  return failure(Code::invalid_argument,
                 "log level '" + std::string(name) + "' is none of trace, debug, info, warning, error");
}

Result<Format> parse_format(std::string_view name) {
  if (name == "automatic") return Format::automatic;
  if (name == "text") return Format::text;
  if (name == "json") return Format::json;
  return failure(Code::invalid_argument, "log format '" + std::string(name) + "' is none of automatic, text, json");
}

void keep_recent(std::size_t max_bytes) {
  auto sink = std::make_shared<RecentSink>(max_bytes);
  set_pattern(*sink);
  logger()->sinks().push_back(std::move(sink));
}

std::string recent() {
  std::string text;
  const auto current = logger();  // before open() nobody else keeps it
  for (const auto& sink : current->sinks()) {
    if (const auto kept = std::dynamic_pointer_cast<RecentSink>(sink)) text += kept->text();
  }
  return text;
}

}  // namespace berth::log
