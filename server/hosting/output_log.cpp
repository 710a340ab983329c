// SPDX-License-Identifier: Apache-2.0
#include "hosting/output_log.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::size_t kMaxSaidBytes = 8192;
constexpr std::size_t kMaxTailBytes = 2048;
constexpr std::size_t kMaxLastBytes = 16UL * 1024;
constexpr unsigned kMaxLinesPerSecond = 100;
constexpr std::chrono::seconds kSecond{1};
// A child of the plugin may keep the pipe open and full for ever.
constexpr int kMaxFinalReads = 64;

}  // namespace

OutputLog::OutputLog(Loop& loop, std::shared_ptr<OutputPipe> pipe, std::string model)
    : loop_(loop), pipe_(std::move(pipe)), model_(std::move(model)), rate_(kMaxLinesPerSecond) {
  watch_ = loop_.watch(pipe_->fd(), EPOLLIN, [this](std::uint32_t) {
    if (!read_some()) watch_.reset();
  });
}

void OutputLog::finish() {
  watch_.reset();
  for (int i = 0; i < kMaxFinalReads && read_some(); ++i) {
  }
  if (!line_.empty()) end_line();
  tell_later_.reset();
  tell_dropped();
  pipe_->close();
}

// False: nothing is there any more.
bool OutputLog::read_some() {
  std::array<char, 64 * 1024> buffer;
  std::string request_ids;
  const auto size = pipe_->read(buffer, request_ids);
  if (size < 0) return errno == EINTR;
  if (size == 0) return false;
  take({buffer.data(), static_cast<std::size_t>(size)}, request_ids);
  return true;
}

void OutputLog::take(std::string_view bytes, const std::string& request_ids) {
  while (!bytes.empty()) {
    if (line_.empty()) line_ids_ = request_ids;
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    const auto room = kMaxLineBytes - line_.size();
    line_ += part.substr(0, room);
    if (part.size() > room) {
      cut_ = true;
      dropped_bytes_ += part.size() - room;
    }
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    end_line();
  }
}

void OutputLog::say(log::Level level, std::string_view request_ids, std::string_view line) {
  remember(line.substr(0, kMaxSaidBytes));
  if (!has_room(line.size())) return;
  dropped_bytes_ += line.size() - std::min(line.size(), kMaxSaidBytes);
  log::write(level, line.substr(0, kMaxSaidBytes), {.request_id = request_ids, .model = model_, .component = "plugin"});
}

// False: there were too many in this second, and it is counted.
bool OutputLog::has_room(std::size_t bytes) {
  if (rate_.admits()) return true;
  dropped_bytes_ += bytes;
  if (!tell_later_) tell_later_ = loop_.call_after(kSecond, [this] { tell_dropped(); });
  return false;
}

void OutputLog::remember(std::string_view line) {
  last_lines_.append(line).append("\n");
  if (last_lines_.size() > 2 * kMaxLastBytes) last_lines_.erase(0, last_lines_.size() - kMaxLastBytes);
}

void OutputLog::end_line() {
  remember(line_);
  tail_ += line_ + "\n";
  if (tail_.size() > 2 * kMaxTailBytes) tail_.erase(0, tail_.size() - kMaxTailBytes);
  if (has_room(line_.size())) {
    log::info(line_ + (cut_ ? " … (cut)" : ""), {.request_id = line_ids_, .model = model_, .component = "plugin"});
  }
  line_.clear();
  cut_ = false;
}

void OutputLog::tell_dropped() {
  tell_later_ = {};
  if (rate_.take_refused() == 0) return;
  log::warning(
      "it prints faster than is kept: " + std::to_string(std::exchange(dropped_bytes_, 0)) + " bytes were dropped",
      {.model = model_, .component = "plugin"});
}

}  // namespace berth::hosting
