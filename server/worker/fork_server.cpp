// SPDX-License-Identifier: Apache-2.0
#include "worker/fork_server.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "worker/fork_protocol.h"
#include "worker/process.h"

namespace berth::worker {
namespace {

constexpr const char* kOwnName = "berth-fork";
constexpr const char* kChildName = "berth-worker";

std::ptrdiff_t count_entries(const char* folder) {
  std::error_code error;
  return std::distance(std::filesystem::directory_iterator(folder, error), {});
}

bool has_writable_shared_memory() {
  std::ifstream maps("/proc/self/maps");
  for (std::string addresses, rights, rest; maps >> addresses >> rights && std::getline(maps, rest);) {
    if (rights.starts_with("rw") && rights.ends_with("s")) return true;
  }
  return false;
}

// Why not; "" = they are open, for good.
std::string open_all(std::span<const std::string> libraries) {
  const auto descriptors = count_entries("/proc/self/fd");
  for (const auto& library : libraries) {
    // As a plugin is opened, whose own libraries these are.
    if (::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) return ::dlerror();
    if (count_entries("/proc/self/task") != 1) return library + " starts threads when it is opened";
    if (count_entries("/proc/self/fd") != descriptors) return library + " keeps a file open when it is opened";
    if (has_writable_shared_memory()) return library + " shares memory when it is opened";
  }
  return "";
}

// In the child: the numbers may be those that descriptors of this process have.
void take_descriptors(std::vector<UniqueFd> fds, const std::vector<int>& numbers) {
  const int above = 1 + std::max(2, *std::ranges::max_element(numbers));
  for (auto& fd : fds) fd.reset(::fcntl(fd.get(), F_DUPFD_CLOEXEC, above));
  for (std::size_t i = 0; i < fds.size(); ++i) {
    if (::dup2(fds[i].get(), numbers[i]) < 0) ::_exit(1);
  }
}

class Forker {
 public:
  explicit Forker(int socket) : socket_(move_high(socket)) { close_all_but({socket_.get()}); }

  void answer(const Writer& writer, std::span<const int> fds = {}) {
    if (!send_packet(socket_.get(), writer.view(), fds)) ::_exit(1);
  }

  // True in a child.
  bool serve(ForkRequest& request) {
    for (;;) {
      auto packet = receive_packet(socket_.get());
      if (!packet) ::_exit(0);
      Reader reader(packet->bytes);
      const auto question = static_cast<ForkQuestion>(reader.number<std::uint8_t>());
      if (question == ForkQuestion::reap) {
        reap(reader.number<int>());
      } else if (question == ForkQuestion::fork && read(reader, request) && !request.numbers.empty()) {
        if (fork_one(request, std::move(packet->fds))) return true;
      } else {
        ::_exit(1);
      }
    }
  }

 private:
  bool fork_one(const ForkRequest& request, std::vector<UniqueFd> fds) {
    if (fds.size() != request.numbers.size()) return refuse("no descriptors left");
    // Not clone(): libraries hear of forks and forget what a child must not share, such as the state of random numbers.
    const int pid = ::fork();
    if (pid < 0) return refuse(std::strerror(errno));
    // Both, so that it leads its group before anybody else acts.
    ::setpgid(pid, pid);
    if (pid == 0) {
      socket_.reset();
      take_descriptors(std::move(fds), request.numbers);
      for (const auto& variable : request.environment) {
        const auto name = variable.substr(0, variable.find('='));
        if (name.size() < variable.size()) ::setenv(name.c_str(), variable.c_str() + name.size() + 1, 1);
      }
      ::prctl(PR_SET_NAME, kChildName);
      return true;
    }
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
      return refuse("no descriptors left");
    }
    Writer writer;
    writer.number(pid);
    writer.text("");
    answer(writer, std::array{pidfd.get()});
    return false;
  }

  bool refuse(std::string_view why) {
    Writer writer;
    writer.number(0);
    writer.text(why);
    answer(writer);
    return false;
  }

  void reap(int pid) {
    siginfo_t info{};
    const bool has_ended = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0;
    const bool left = info.si_code == CLD_EXITED;
    Writer writer;
    writer.number(static_cast<std::uint8_t>(has_ended ? 1 : 0));
    writer.number(left ? info.si_status : 0);
    writer.number(left ? 0 : info.si_status);
    answer(writer);
  }

  UniqueFd socket_;
};

}  // namespace

std::vector<std::string> serve_forks(int socket, std::span<const std::string> libraries) {
  Forker forker(socket);
  ::prctl(PR_SET_NAME, kOwnName);
  const auto problem = open_all(libraries);
  std::fflush(nullptr);  // or each child would print it, too
  Writer writer;
  writer.text(problem);
  forker.answer(writer);
  if (!problem.empty()) ::_exit(1);
  ForkRequest request;
  forker.serve(request);
  return std::move(request.args);
}

}  // namespace berth::worker
