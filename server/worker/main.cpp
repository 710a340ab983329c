// SPDX-License-Identifier: Apache-2.0
// berth-worker: the process in which one instance of one model lives. The server starts it; people use --describe.
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worker/confine.h"
#include "worker/crash_handler.h"
#include "worker/fork_server.h"
#include "worker/memory.h"
#include "worker/plugin.h"
#include "worker/probe.h"
#include "worker/process.h"
#include "worker/session.h"

namespace {

using namespace berth::worker;
using berth::Code, berth::failure;

constexpr const char* kUsage = "usage: berth-worker --describe LIBRARY\n(the server starts it with --fork or --serve)";

void print_error(std::string_view message) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
}

// The plugin's destructors never run: libraries that keep threads of their own do not survive them.
[[noreturn]] void leave(int status) {
  std::fflush(nullptr);
  ::_exit(status);
}

// What a library prints while it is opened must not mix with the answer: stdout becomes stderr first.
int describe_library(const std::string& path, const Confinement& confinement) {
  const auto out = move_high(::dup(STDOUT_FILENO));
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  if (const auto walls = confine(confinement, look_at_kernel()); !walls) {
    print_error(walls.error().message);
    leave(1);
  }
  const auto plugin = Plugin::open(path);
  if (!plugin) {
    print_error(plugin.error().message);
    leave(1);
  }
  const std::string text = describe(*plugin) + "\n";
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto written = ::write(out.get(), rest.data(), rest.size());
    if (written <= 0) leave(1);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  leave(0);
}

// For `berth doctor`: what is in force, then what was tried.
int probe_walls(const Confinement& confinement) {
  const auto walls = confine(confinement, look_at_kernel());
  if (!walls) {
    print_error(walls.error().message);
    leave(1);
  }
  std::printf("%s\n%s", to_string(*walls).c_str(), probe().c_str());
  leave(0);
}

int number(std::string_view text) {
  int value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int serve(const std::string& control_number, const std::string& side_number, const std::string& memory_number,
          const std::string& scratch, const Confinement& confinement) {
  const auto control = move_high(number(control_number));
  const auto side = move_high(number(side_number));
  auto memory_fd = move_high(number(memory_number));
  close_all_but({control.get(), side.get(), memory_fd.get()});
  if (::chdir(scratch.c_str()) != 0) {
    print_error("cannot enter the scratch folder");
    leave(1);
  }
  auto memory = SharedMemory::open(std::move(memory_fd));
  if (!memory) {
    print_error(memory.error().message);
    leave(1);
  }
  // Zero pages are a record in which nothing happened. Behind the walls, /proc could not be opened.
  if (memory->crash().size() >= sizeof(CrashRecord)) {
    tell_ends_in(*reinterpret_cast<CrashRecord*>(memory->crash().data()));
  }
  // Before there is a second thread, which would stay outside the walls.
  const auto walls = confine(confinement, look_at_kernel());
  if (!walls) {
    refuse(side.get(), walls.error().message);
    leave(1);
  }
  leave_with_server(control.get(), scratch);
  leave(Session::run(control.get(), side.get(), *memory, to_string(*walls)) ? 0 : 1);
}

int run(const std::vector<std::string>& args) {
  const std::string mode = args.empty() ? "" : args.front();
  if (mode == "--describe" && args.size() == 2) return describe_library(args[1], {});
  const auto confinement = args.size() > 1 ? read_confinement(args.back()) : failure(Code::invalid_argument, kUsage);
  if (!confinement) {
    print_error(confinement.error().message);
    return 2;
  }
  if (mode == "--probe" && args.size() == 2) return probe_walls(*confinement);
  if (mode == "--describe" && args.size() == 3) return describe_library(args[1], *confinement);
  if (mode == "--serve" && args.size() == 6) return serve(args[1], args[2], args[3], args[4], *confinement);
  print_error(kUsage);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  ignore_terminal_signals();
  give_up_privileges();
  std::vector<std::string> args(argv + 1, argv + argc);
  // Each worker that is forked goes on from here.
  if (args.size() > 1 && args.front() == "--fork") args = serve_forks(number(args[1]), std::span(args).subspan(2));
  return run(args);
}
