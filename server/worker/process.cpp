// SPDX-License-Identifier: Apache-2.0
#include "worker/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include "worker/crash_handler.h"

namespace berth::worker {
namespace {

constexpr int kHighFd = 100;

}  // namespace

UniqueFd move_high(int fd) {
  UniqueFd high(::fcntl(fd, F_DUPFD_CLOEXEC, kHighFd));
  ::close(fd);
  return high;
}

void close_all_but(std::vector<int> kept) {
  std::ranges::sort(kept);
  unsigned first = 3;
  for (const int fd : kept) {
    const auto number = static_cast<unsigned>(fd);
    if (number > first) ::close_range(first, number - 1, 0);
    first = number + 1;
  }
  ::close_range(first, ~0U, 0);
}

void ignore_terminal_signals() {
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_IGN);
}

void give_up_privileges() { ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

// Detached: it watches for as long as the process lives, which ends by _exit, so nobody is there to stop or join it.
void leave_with_server(int socket, std::string scratch) {
  std::thread([socket, scratch = std::move(scratch)] {
    ::prctl(PR_SET_NAME, "berth-watch");
    pollfd watched{socket, 0, 0};  // a hang-up is reported unasked
    while (::poll(&watched, 1, -1) < 0) {
    }
    // The server hangs up on a worker whose plugin closed this, too, and may do so before the plugin's thread notices.
    if (::fcntl(socket, F_GETFD) < 0) note_closed_descriptor();
    std::error_code ignored;
    if (!scratch.empty()) std::filesystem::remove_all(scratch, ignored);
    ::_exit(0);
  }).detach();
}

}  // namespace berth::worker
