// SPDX-License-Identifier: Apache-2.0
#include "worker/confine.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/unique_fd.h"
#include "worker/landlock.h"
#include "worker/syscall_filter.h"
#include "worker/system_files.h"

namespace berth::worker {
namespace {

void write_to(const char* path, std::string_view text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (file) [[maybe_unused]]
    const auto written = ::write(file.get(), text.data(), text.size());
}

struct Namespaces {
  bool network = false;
  bool user = false;
};

// A network without anything in it, not even a loopback that is up. A second wall, behind the filter.
Namespaces leave_network() {
  if (::geteuid() == 0 && ::unshare(CLONE_NEWNET) == 0) return {.network = true};
  const auto user = std::to_string(::geteuid()), group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return {};
  // It stays who it was.
  write_to("/proc/self/setgroups", "deny");
  write_to("/proc/self/uid_map", user + " " + user + " 1");
  write_to("/proc/self/gid_map", group + " " + group + " 1");
  return {.network = true, .user = true};
}

// Root keeps what lets it read a package that another user owns; Landlock says which.
void give_up_capabilities(bool keep_file_access) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> now{};
  if (::syscall(SYS_capget, &header, now.data()) != 0) return;
  const std::uint32_t kept = keep_file_access ? 1U << CAP_DAC_OVERRIDE : 0U;
  const std::array<__user_cap_data_struct, 2> less{{{now[0].effective & kept, now[0].permitted & kept, 0}, {0, 0, 0}}};
  ::syscall(SYS_capset, &header, less.data());
}

void limit(int resource, std::uint64_t most) {
  rlimit now{};
  if (most == 0 || ::getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0) return;
  const rlim_t least = std::min<rlim_t>(most, now.rlim_max);
  now = {least, least};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &now);
}

void set_limits(const Confinement& confinement, bool own_user_namespace) {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // a caller's input would be in it
  limit(RLIMIT_NOFILE, confinement.max_open_files);
  limit(RLIMIT_FSIZE, confinement.max_file_bytes);
  ::signal(SIGXFSZ, SIG_IGN);  // the write fails instead
  if (!is_sanitized()) limit(RLIMIT_DATA, confinement.max_data_bytes);
  // Elsewhere it would count all that the user runs.
  if (own_user_namespace) limit(RLIMIT_NPROC, confinement.max_threads);
}

Result<LandlockRules> rules_for(const Confinement& confinement, const LandlockAccess& access) {
  auto rules = LandlockRules::create(access);
  if (!rules) return rules;
  bool taken = true;
  const auto allow = [&](const std::vector<std::string>& paths, std::uint64_t files) {
    for (const auto& path : paths) taken = rules->allow(path, files) && taken;
  };
  const auto reading = confinement.processes ? access.running : access.reading;
  allow(system_files(), reading);
  allow(device_files(), access.reading);
  allow(devices(), access.device);
  if (confinement.network) allow(network_files(), access.reading);
  if (confinement.processes) allow(program_files(), reading);
  allow(confinement.read, reading);
  allow(confinement.write, access.writing | reading);
  if (!taken) return failure(Code::unavailable, std::string("a file's rule was refused: ") + std::strerror(errno));
  return rules;
}

}  // namespace

bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#endif
#endif
  return false;
}

Kernel look_at_kernel() { return {landlock_abi(), kernel_filters_syscalls()}; }

std::string to_string(const Walls& walls) {
  std::string text;
  const auto add = [&](const std::string& wall) { text.append(text.empty() ? "" : ", ").append(wall); };
  if (walls.landlock > 0) add("Landlock " + std::to_string(walls.landlock));
  if (walls.syscall_filter) add("system call filter");
  if (walls.network_namespace) add("network namespace");
  return text.empty() ? "none" : text;
}

Result<Walls> confine(const Confinement& wanted, const Kernel& kernel) {
  auto confinement = wanted;
  confinement.processes |= is_sanitized();
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (confinement.mode == Mode::off) {
    set_limits(confinement, false);
    return Walls{};
  }
  if (confinement.mode == Mode::required && (kernel.landlock == 0 || !kernel.filters_syscalls)) {
    return failure(Code::unavailable, std::string("its confinement is required, and this kernel has no ") +
                                          (kernel.landlock == 0 ? "Landlock" : "system call filters"));
  }
  Walls walls;
  const auto own = confinement.network ? Namespaces{} : leave_network();
  walls.network_namespace = own.network;
  set_limits(confinement, own.user);
  give_up_capabilities(!own.user);
  if (kernel.landlock > 0) {
    const auto rules = rules_for(confinement, landlock_access(kernel.landlock, confinement.network));
    if (!rules) return failure(rules.error());
    if (auto enforced = rules->enforce(); !enforced) return failure(enforced.error());
    walls.landlock = kernel.landlock;
  }
  if (kernel.filters_syscalls) {
    const auto program = syscall_filter({.network = confinement.network,
                                         .processes = confinement.processes,
                                         .truncate = kernel.landlock >= 3,
                                         .own_pid = ::getpid()});
    if (auto enforced = enforce(program); !enforced) return failure(enforced.error());
    walls.syscall_filter = true;
  }
  return walls;
}

}  // namespace berth::worker
