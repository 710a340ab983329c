// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>

#include "app.h"
#include "base/log.h"

namespace berth {

namespace {

// Blocked in every thread that starts from here on, so that the main thread alone takes them, by waiting.
sigset_t block_stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// A parent may have closed 0, 1 or 2, or ignore its children's ends; both would reach us, and every file that we open
// would take the place of a standard stream.
void mend_inheritance() {
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) ::close(fd);
  ::signal(SIGCHLD, SIG_DFL);
}

// Lines that people and scripts read: where it listens first, then what it serves, "ready" last.
void announce_address(const config::Config& config, std::uint16_t port) {
  const auto ip = config.server.ip.find(':') == std::string::npos || config.server.ip.starts_with('[')
                      ? config.server.ip
                      : "[" + config.server.ip + "]";
  const auto address = "http://" + ip + ":" + std::to_string(port) + config.server.base_path;
  std::printf("berth listens on %s  (API page: %s/api)\n", address.c_str(), address.c_str());
  std::fflush(stdout);
}

void announce_models(const App& app) {
  std::size_t ready = 0;
  for (const auto& model : app.models()) {
    const auto state = hosting::to_string(model.status.state);
    std::printf("  %-24s %-14s %s%s%s\n", model.name.c_str(), model.version.c_str(), std::string(state).c_str(),
                model.status.reason.empty() ? "" : ": ", model.status.reason.c_str());
    if (model.status.state == hosting::State::ready) ++ready;
  }
  std::printf("ready: %zu %s\n", ready, ready == 1 ? "model" : "models");
  std::fflush(stdout);
}

}  // namespace

int run_server(const config::Config& config) {
  mend_inheritance();
  const auto stop_signals = block_stop_signals();
  log::open(config.log.level, config.log.format);
  if (config.deepaas.debug) log::keep_recent(config.deepaas.debug_bytes);
  auto app = App::start(config);
  if (!app) {
    log::error(app.error().message);
    return 1;
  }
  announce_address(config, (*app)->port());
  std::jthread loader([&] {
    ::pthread_setname_np(::pthread_self(), "berth-loader");
    (*app)->load_models();
    ::malloc_trim(0);  // what reading and describing so many files took, nobody needs again
    announce_models(**app);
  });
  int received = 0;
  ::sigwait(&stop_signals, &received);
  log::info(std::string(received == SIGINT ? "SIGINT" : "SIGTERM") + ": running work finishes, then the server ends");
  ::pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);  // a second one ends it at once
  (*app)->drain(config.server.drain_grace);
  return 0;
}

}  // namespace berth
