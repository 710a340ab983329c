// SPDX-License-Identifier: Apache-2.0
#include "worker/probe.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/unique_fd.h"

namespace berth::worker {
namespace {

bool opens(const char* path, int flags) { return UniqueFd(::open(path, flags | O_CLOEXEC)).get() >= 0; }

bool has_child() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return child > 0;
}

bool has_thread() {
  try {
    std::thread([] {}).join();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace

std::string probe() {
  std::string text;
  const auto note = [&](bool as_it_should_be, std::string_view what) {
    text.append(as_it_should_be ? "ok " : "open ").append(what).append("\n");
  };
  note(!opens("/etc/passwd", O_RDONLY) && !opens("/", O_RDONLY | O_DIRECTORY), "reading files of others");
  note(!opens("/tmp", O_RDWR | O_TMPFILE), "writing outside the scratch folder");
  note(UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)).get() < 0, "the network");
  note(UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)).get() < 0, "sockets of this machine");
  note(::kill(::getppid(), 0) != 0, "signals to other processes");
  note(!has_child(), "starting processes");
  note(::syscall(SYS_io_uring_setup, 0, nullptr) != 0 && ::syscall(SYS_bpf, 0, nullptr, 0) != 0 && errno == EPERM,
       "system calls that no model needs");
  const bool works = opens("/dev/urandom", O_RDONLY) && opens("/proc/self/maps", O_RDONLY) &&
                     opens("/proc/cpuinfo", O_RDONLY) && has_thread();
  text.append(works ? "works" : "broken").append("\n");
  return text;
}

}  // namespace berth::worker
