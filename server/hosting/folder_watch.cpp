// SPDX-License-Identifier: Apache-2.0
#include "hosting/folder_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEvents = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_MODIFY |
                                  IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

bool is_hidden(std::string_view name) { return name.starts_with('.'); }

}  // namespace

Result<std::unique_ptr<FolderWatch>> FolderWatch::start(Loop& loop, Options options, std::function<void()> on_settled) {
  std::unique_ptr<FolderWatch> watch(new FolderWatch(loop, std::move(options), std::move(on_settled)));
  watch->inotify_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!watch->inotify_) {
    return failure(Code::unavailable, std::string("folders cannot be watched (") + std::strerror(errno) +
                                          "); the setting fs.inotify.max_user_instances grants more");
  }
  if (auto watched = watch->watch_everything(); !watched) return failure(watched.error());
  watch->readable_ =
      loop.watch(watch->inotify_.get(), EPOLLIN, [raw = watch.get()](std::uint32_t) { raw->on_readable(); });
  return watch;
}

Result<> FolderWatch::watch_everything() {
  for (const auto& folder : options_.folders) {
    std::error_code error;
    const auto absolute = fs::absolute(folder, error);
    if (!fs::is_directory(absolute, error)) {
      if (!fs::is_directory(absolute.parent_path(), error)) continue;
      if (auto watched = watch_folder(absolute.parent_path(), absolute.filename()); !watched) return watched;
    } else if (auto watched = watch_tree(absolute, options_.depth); !watched) {
      return watched;
    }
  }
  return {};
}

// A folder comes before what is in it, so that nothing that appears meanwhile is missed by both.
Result<> FolderWatch::watch_tree(const fs::path& folder, std::size_t depth) {
  if (auto watched = watch_folder(folder, ""); !watched) return watched;
  if (depth == 0) return {};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    std::error_code ignored;
    if (is_hidden(entry.path().filename().string()) || !entry.is_directory(ignored)) continue;
    if (auto watched = watch_tree(entry.path(), depth - 1); !watched) return watched;
  }
  return {};
}

Result<> FolderWatch::watch_folder(const fs::path& folder, std::string only) {
  const int descriptor = ::inotify_add_watch(inotify_.get(), folder.c_str(), kEvents);
  if (descriptor >= 0) {
    watched_.insert_or_assign(descriptor, Watched{folder, std::move(only)});
    return {};
  }
  if (errno != ENOSPC && errno != ENOMEM) return {};  // it went away, or may not be read: then nobody serves from it
  return failure(Code::unavailable, "no more folders can be watched than " + std::to_string(watched_.size()) +
                                        "; the setting fs.inotify.max_user_watches grants more");
}

bool FolderWatch::counts(int descriptor, const char* name, std::size_t size) const {
  const auto found = watched_.find(descriptor);
  if (found == watched_.end()) return false;
  if (size == 0) return found->second.only.empty();  // the folder itself
  return !is_hidden(name) && (found->second.only.empty() || found->second.only == name);
}

void FolderWatch::on_readable() {
  bool changed = false;
  alignas(inotify_event) std::array<char, 16UL * 1024> buffer;
  const auto size = ::read(inotify_.get(), buffer.data(), buffer.size());
  for (ssize_t at = 0; at < size;) {
    inotify_event event;
    std::memcpy(&event, buffer.data() + at, sizeof(event));
    const char* name = buffer.data() + at + sizeof(event);
    at += static_cast<ssize_t>(sizeof(event) + event.len);
    changed = changed || (event.mask & IN_Q_OVERFLOW) != 0 || counts(event.wd, name, event.len);
    if ((event.mask & IN_IGNORED) != 0) watched_.erase(event.wd);
  }
  if (!changed) return;
  const auto now = Loop::Clock::now();
  if (!std::exchange(restless_, true)) restless_since_ = now;
  const auto rest = std::chrono::ceil<std::chrono::milliseconds>(restless_since_ + options_.max_unrest - now);
  settled_ =
      loop_.call_after(std::clamp(rest, std::chrono::milliseconds(0), options_.settle), [this] { come_to_rest(); });
}

void FolderWatch::come_to_rest() {
  restless_ = false;
  if (auto watched = watch_everything(); !watched) log::warning(watched.error().message, {.component = "hosting"});
  on_settled_();
}

}  // namespace berth::hosting
