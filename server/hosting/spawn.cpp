// SPDX-License-Identifier: Apache-2.0
#include "hosting/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "hosting/fork_server.h"
#include "hosting/priority.h"

namespace berth::hosting {
namespace {

constexpr std::array<std::string_view, 11> kSafeNames{"PATH",
                                                      "HOME",
                                                      "USER",
                                                      "LOGNAME",
                                                      "LANG",
                                                      "LANGUAGE",
                                                      "TZ",
                                                      "LD_LIBRARY_PATH",
                                                      "TMPDIR",
                                                      "TORCH_HOME",
                                                      "MALLOC_ARENA_MAX"};
// ASAN_OPTIONS and its like steer a build with sanitizers; BERTH_PLUGIN_ is what an operator means for plugins.
constexpr std::array<std::string_view, 9> kSafePrefixes{"LC_",   "CUDA_",  "NVIDIA_", "BERTH_PLUGIN_", "ASAN_",
                                                        "TSAN_", "UBSAN_", "LSAN_",   "MALLOC_CONF"};

bool is_safe(std::string_view variable) {
  const auto name = variable.substr(0, variable.find('='));
  return std::ranges::find(kSafeNames, name) != kSafeNames.end() ||
         std::ranges::any_of(kSafePrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// The two structures that posix_spawn takes, freed again.
struct Actions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  explicit Actions(const SpawnOptions& options) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, options.out, 1);
    ::posix_spawn_file_actions_adddup2(&files, options.err, 2);
    // Onto itself: it stays open over exec.
    for (const int fd : options.inherited) ::posix_spawn_file_actions_adddup2(&files, fd, fd);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Actions() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
};

constexpr Exit kUnknown{0, 0, false};

Exit exit_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {info.si_status, 0};
  return {0, info.si_status};
}

}  // namespace

std::string to_string(const Exit& exit) {
  if (!exit.is_known) return "ended, and nobody could see how";
  if (exit.signal == 0) return "exited with " + std::to_string(exit.code);
  const char* name = ::sigdescr_np(exit.signal);
  return "killed by signal " + std::to_string(exit.signal) + " (" + (name == nullptr ? "unknown" : name) + ")";
}

std::vector<std::string> safe_environment() {
  std::vector<std::string> result;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (is_safe(*variable)) result.emplace_back(*variable);
  }
  return result;
}

Result<Child> Child::spawn(const SpawnOptions& options) {
  auto child = start(options);
  if (child && options.yields) yield_processor(child->pid());
  return child;
}

Result<Child> Child::start(const SpawnOptions& options) {
  if (options.fork_server != nullptr) {
    auto forked = options.fork_server->fork(options);
    if (forked) {
      Child child;
      child.pid_ = forked->pid;
      child.pidfd_ = std::move(forked->pidfd);
      child.parent_ = options.fork_server;
      return child;
    }
    // A second one would listen at the same sockets.
    if (forked.error().code == Code::cancelled) return failure(forked.error());
  }
  std::vector<std::string> args{options.program.string()};
  args.insert(args.end(), options.args.begin(), options.args.end());
  auto environment = options.environment;  // first: what is set here wins over what is inherited
  for (auto& variable : safe_environment()) {
    const auto name = variable.substr(0, variable.find('=') + 1);
    const auto set = [&](const std::string& own) { return own.starts_with(name); };
    if (std::ranges::none_of(options.environment, set)) environment.push_back(std::move(variable));
  }
  const Actions actions(options);
  auto argv = pointers(args);
  auto envp = pointers(environment);
  Child child;
  const int error = ::posix_spawn(&child.pid_, options.program.c_str(), &actions.files, &actions.attributes,
                                  argv.data(), envp.data());
  if (error != 0) {
    child.pid_ = 0;
    return failure(Code::unavailable, "cannot start " + options.program.string() + ": " + std::strerror(error));
  }
  child.pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0)));
  if (!child.pidfd_) return failure(Code::unavailable, std::string("cannot watch a process: ") + std::strerror(errno));
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)), parent_(std::move(other.parent_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(parent_, other.parent_);
  return *this;
}

Child::~Child() {
  kill();
  reap(true);
}

void Child::kill() {
  // Until it is reaped, neither number can belong to another; a parent that is gone cannot keep it from that.
  if (pid_ == 0 || (parent_ != nullptr && parent_->is_gone() && has_ended(false))) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

bool Child::has_ended(bool wait) const {
  pollfd watched{pidfd_.get(), POLLIN, 0};
  int got = 0;
  do {
    got = ::poll(&watched, 1, wait ? -1 : 0);
  } while (got < 0 && errno == EINTR);
  return got > 0;
}

std::optional<Exit> Child::reap_own(bool wait) {
  siginfo_t info{};
  const auto id = static_cast<id_t>(pid_);
  int got = 0;
  do {
    got = ::waitid(P_PID, id, &info, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG));
  } while (got != 0 && errno == EINTR);
  if (got == 0 && info.si_pid == 0) return std::nullopt;
  // Somebody else took its end: the number may be another's by now.
  if (got != 0) return kUnknown;
  ::kill(-pid_, SIGKILL);
  ::waitid(P_PID, id, &info, WEXITED);
  return exit_of(info);
}

std::optional<Exit> Child::reap_forked(bool wait) {
  if (!has_ended(wait)) return std::nullopt;
  if (!parent_->is_gone()) {
    ::kill(-pid_, SIGKILL);
    if (auto exit = parent_->reap(pid_)) return exit;
  }
  // This process has inherited it, if it is the first of its container.
  siginfo_t info{};
  const bool inherited = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG) == 0;
  return inherited && info.si_pid != 0 ? exit_of(info) : kUnknown;
}

std::optional<Exit> Child::reap(bool wait) {
  if (pid_ == 0) return std::nullopt;
  const auto exit = parent_ == nullptr ? reap_own(wait) : reap_forked(wait);
  if (exit) pid_ = 0;
  return exit;
}

}  // namespace berth::hosting
