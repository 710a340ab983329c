// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace berth::cli {

StopSignals::StopSignals() {
  ::sigemptyset(&signals_);
  for (const int number : {SIGTERM, SIGINT}) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) ::sigaddset(&signals_, number);
  }
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  received_fd_.reset(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
  end_fd_.reset(::eventfd(0, EFD_CLOEXEC));
}

StopSignals::~StopSignals() {
  end_watch();
  if (received_ != 0) {
    ::signal(received_, SIG_DFL);
    ::raise(received_);
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);  // what waited comes here
}

void StopSignals::watch(std::function<void()> stop) {
  thread_ = std::jthread([this, stop = std::move(stop)] { wait_for_one(stop); });
}

void StopSignals::wait_for_one(const std::function<void()>& stop) {
  ::pthread_setname_np(::pthread_self(), "berth-signals");
  std::array<pollfd, 2> waiting{{{received_fd_.get(), POLLIN, 0}, {end_fd_.get(), POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
  }
  signalfd_siginfo info{};
  if (::read(received_fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return;
  received_ = static_cast<int>(info.ssi_signo);
  ::pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  stop();
  // The only thread that a second one can reach stays until all is gone.
  while (::poll(&waiting[1], 1, -1) < 0 && errno == EINTR) {
  }
}

void StopSignals::end_watch() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(end_fd_.get(), &one, sizeof one);
  thread_.join();
}

}  // namespace berth::cli
