// SPDX-License-Identifier: Apache-2.0
#include "hosting/spawn.h"

#include <fcntl.h>
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

}  // namespace

std::string to_string(const Exit& exit) {
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

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

Child::~Child() {
  kill();
  reap(true);
}

void Child::kill() {
  if (pid_ == 0) return;
  // Until it is reaped, neither number can belong to another.
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

std::optional<Exit> Child::reap(bool wait) {
  if (pid_ == 0) return std::nullopt;
  siginfo_t info{};
  const auto id = static_cast<id_t>(pid_);
  int got = 0;
  do {
    got = ::waitid(P_PID, id, &info, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG));
  } while (got != 0 && errno == EINTR);
  if (got == 0 && info.si_pid == 0) return std::nullopt;
  if (got != 0) {
    // Somebody else took its end: the number may be another's by now.
    pid_ = 0;
    return Exit{};
  }
  ::kill(-pid_, SIGKILL);
  ::waitid(P_PID, id, &info, WEXITED);
  pid_ = 0;
  if (info.si_code == CLD_EXITED) return Exit{info.si_status, 0};
  return Exit{0, info.si_status};
}

}  // namespace berth::hosting
