// SPDX-License-Identifier: Apache-2.0
#include "hosting/supervisor.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stop_token>
#include <system_error>
#include <utility>

#include "base/folder_tree.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFolderPrefix = "worker-", kLibraryCopies = "libraries", kLock = ".lock";
constexpr std::size_t kMaxRemovals = 64;  // that wait; beyond, whoever asks for one does it himself

// Where it is there already, somebody else may have made it.
Result<> make_private(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  struct stat found {};
  if (error || (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) || ::lstat(folder.c_str(), &found) != 0) {
    return failure(Code::unavailable, "cannot make the scratch folder " + folder.string() + ": " +
                                          (error ? error.message() : std::strerror(errno)));
  }
  if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || ::chmod(folder.c_str(), S_IRWXU) != 0) {
    return failure(Code::unavailable, "cannot use the scratch folder " + folder.string() +
                                          ": it is there already, and is no folder of this user's");
  }
  return {};
}

Result<> prepare(const fs::path& scratch, UniqueFd& lock) {
  if (auto made = make_private(scratch); !made) return made;
  lock.reset(::open((scratch / kLock).c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return failure(Code::unavailable, "cannot take the scratch folder " + scratch.string() + " (" +
                                          std::strerror(errno) + "); does another server use it?");
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(scratch, error)) {
    if (entry.path().filename() != kLock) remove_tree_or_log(entry.path());
  }
  return {};
}

}  // namespace

Supervisor::Supervisor() : removals_({.name = "berth-remove", .max_waiting = kMaxRemovals}) {}

Result<std::shared_ptr<Supervisor>> Supervisor::create(fs::path scratch) {
  std::shared_ptr<Supervisor> supervisor(new Supervisor());
  if (scratch.empty()) {
    auto own = ScratchFolder::create();
    if (!own) return failure(std::move(own.error()));
    scratch = (*own)->path() / "workers";
    supervisor->own_scratch_ = std::move(*own);
  }
  std::error_code ignored;
  supervisor->scratch_ = fs::absolute(scratch, ignored);
  if (auto prepared = prepare(supervisor->scratch_, supervisor->scratch_lock_); !prepared) {
    return failure(prepared.error());
  }
  auto loop = Loop::create();
  if (!loop) return failure(loop.error());
  supervisor->loop_ = std::move(*loop);
  supervisor->thread_ = std::jthread([loop = supervisor->loop_.get()](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "berth-hosting");
    const std::stop_callback on_stop(stop, [loop] { loop->stop(); });
    loop->run();
  });
  return supervisor;
}

Supervisor::~Supervisor() { stop(); }

void Supervisor::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

fs::path Supervisor::library_copies() const { return scratch_ / kLibraryCopies; }

Result<fs::path> Supervisor::make_scratch() {
  fs::path path;
  std::error_code error;
  // One that is there already could not be removed.
  do path = scratch_ / (std::string(kFolderPrefix) + std::to_string(next_scratch_++));
  while (!fs::create_directory(path, error) && !error);
  if (error) return failure(Code::unavailable, "cannot make " + path.string() + ": " + error.message());
  return path;
}

void Supervisor::remove_scratch(const fs::path& scratch) {
  if (!removals_.post([scratch] { remove_tree_or_log(scratch); })) remove_tree_or_log(scratch);
}

void Supervisor::queue_start(std::function<void()> start) {
  waiting_.push_back(std::move(start));
  start_more();
}

void Supervisor::start_ended() {
  --starting_;
  start_more();
}

void Supervisor::start_more() {
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  while (starting_ < most && !waiting_.empty()) {
    ++starting_;
    const auto start = std::move(waiting_.front());
    waiting_.pop_front();
    start();
  }
}

void Supervisor::process_started() {
  const Lock lock(mutex_);
  ++processes_;
}

void Supervisor::process_ended() {
  const Lock lock(mutex_);
  if (--processes_ == 0) none_left_.notify_all();
}

void Supervisor::wait_for_no_process() {
  const Lock lock(mutex_);
  while (processes_ != 0) none_left_.wait(mutex_);
}

}  // namespace berth::hosting
