// SPDX-License-Identifier: Apache-2.0
// Tries what a confined worker must not: the argument `act` says what, `target` whom or where. Answers with the name of
// the error that it met, or "done".
#include <berth/berth.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using Target = const std::string&;

std::string outcome(bool done) {
  if (done) return "done";
  const char* name = ::strerrorname_np(errno);
  return name == nullptr ? std::to_string(errno) : name;
}

std::string read_file(Target path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  char byte = 0;
  const auto said = outcome(fd >= 0 && ::read(fd, &byte, 1) >= 0);
  if (fd >= 0) ::close(fd);
  return said;
}

std::string write_file(Target path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const auto said = outcome(fd >= 0 && ::write(fd, "x", 1) == 1);
  if (fd >= 0) ::close(fd);
  return said;
}

std::string write_existing(Target path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const auto said = outcome(fd >= 0);
  if (fd >= 0) ::close(fd);
  return said;
}

std::string list_folder(Target path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const auto said = outcome(fd >= 0);
  if (fd >= 0) ::close(fd);
  return said;
}

std::string remove_file(Target path) { return outcome(::unlink(path.c_str()) == 0); }
std::string truncate_file(Target path) { return outcome(::truncate(path.c_str(), 0) == 0); }
std::string change_mode(Target path) { return outcome(::chmod(path.c_str(), 0777) == 0); }
std::string change_mode_of_open(Target path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return outcome(fd >= 0 && ::fchmod(fd, 0777) == 0);
}

std::string open_socket(int domain, int type) {
  const int fd = ::socket(domain, type | SOCK_CLOEXEC, 0);
  const auto said = outcome(fd >= 0);
  if (fd >= 0) ::close(fd);
  return said;
}

std::string connect_tcp(Target port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return outcome(false);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto said = outcome(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  ::close(fd);
  return said;
}

std::string connect_abstract(Target name) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return outcome(false);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const auto said = outcome(::connect(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  ::close(fd);
  return said;
}

pid_t pid_of(Target target) { return target == "parent" ? ::getppid() : std::stoi(target); }

std::string send_signal(Target target) { return outcome(::kill(pid_of(target), SIGKILL) == 0); }
std::string trace(Target target) { return outcome(::ptrace(PTRACE_ATTACH, pid_of(target), nullptr, nullptr) == 0); }
std::string read_memory(Target target) {
  char here = 0;
  iovec local{&here, 1};
  iovec remote{reinterpret_cast<void*>(&errno), 1};
  return outcome(::process_vm_readv(pid_of(target), &local, 1, &remote, 1, 0) == 1);
}
std::string read_process_file(Target target) {
  const auto colon = target.find(':');
  return read_file("/proc/" + std::to_string(pid_of(target.substr(0, colon))) + "/" + target.substr(colon + 1));
}
std::string lower_limit(Target target) {
  const rlimit limit{3, 3};
  return outcome(::prlimit(pid_of(target), RLIMIT_NOFILE, &limit, nullptr) == 0);
}

std::string call_kernel(Target number) { return outcome(::syscall(std::stol(number), 0, 0, 0, 0, 0, 0) >= 0); }
std::string new_namespace(Target) { return outcome(::unshare(CLONE_NEWUSER) == 0); }

std::string start_process(Target) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child < 0) return outcome(false);
  ::waitpid(child, nullptr, 0);
  return "done";
}

std::string run_program(Target program) {
  char* const none[]{nullptr};
  char name[]{"x"};
  char* const args[]{name, nullptr};
  pid_t child = 0;
  errno = ::posix_spawn(&child, program.c_str(), nullptr, nullptr, args, none);
  if (errno != 0) return outcome(false);
  ::waitpid(child, nullptr, 0);
  return "done";
}
std::string become_program(Target program) {
  char* const none[]{nullptr};
  char name[]{"x"};
  char* const args[]{name, nullptr};
  return outcome(::execve(program.c_str(), args, none) == 0);
}

// Until it is stopped, one way or the other.
std::string hoard_processes(Target) {
  for (int i = 0; i < 100'000; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    if (child < 0) return outcome(false) + " after " + std::to_string(i);
  }
  return "done";
}

std::string hoard_threads(Target) {
  std::vector<std::thread> threads;
  try {
    for (int i = 0; i < 200; ++i) {
      threads.emplace_back([] { std::this_thread::sleep_for(std::chrono::hours(1)); });
    }
  } catch (const std::system_error& refused) {
    for (auto& thread : threads) thread.detach();
    errno = refused.code().value();
    return outcome(false);
  }
  std::this_thread::sleep_for(std::chrono::hours(1));
  return "done";
}

std::string hoard_files(Target) {
  for (int i = 0; i < 100'000; ++i) {
    if (::open("/dev/null", O_RDONLY) < 0) {
      const auto said = outcome(false);
      ::close_range(200, ~0U, 0);
      return said;
    }
  }
  return "done";
}

std::string hoard_memory(Target) {
  std::vector<std::vector<char>> blocks;
  while (true) blocks.emplace_back(1 << 20, 'x');
}

std::string hoard_shared_memory(Target) {
  while (true) {
    constexpr std::size_t kBytes = 16U << 20;
    void* block = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return outcome(false);
    std::memset(block, 1, kBytes);
  }
}

std::string hoard_disk(Target folder, std::size_t files) {
  const std::string block(1 << 20, 'x');
  for (std::size_t i = 0; i < files; ++i) {
    const auto path = folder + "/" + std::to_string(i);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return outcome(false);
    for (int j = 0; j < (files == 1 ? 100'000 : 1); ++j) {
      if (::write(fd, block.data(), block.size()) > 0) continue;
      const auto said = outcome(false);
      ::close(fd);
      return said;
    }
    ::close(fd);
  }
  std::this_thread::sleep_for(std::chrono::hours(1));
  return "done";
}

// Folders in folders with the longest names that there are: no path leads to the last.
std::string dig(Target path) {
  int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::string name(255, 'd');
  for (int i = 0; i < 100; ++i) {
    if (::mkdirat(folder, name.c_str(), 0700) != 0) return outcome(false);
    const int inside = ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::close(folder);
    folder = inside;
  }
  std::this_thread::sleep_for(std::chrono::hours(1));
  return "done";
}

std::string burn(Target) {
  std::atomic<bool> never = false;
  std::thread other([&] {
    while (!never) {
    }
  });
  while (!never) {
  }
  other.join();
  return "done";
}

const std::map<std::string, std::function<std::string(Target)>>& acts() {
  static const std::map<std::string, std::function<std::string(Target)>> kActs = {
      {"none", [](Target) { return std::string("done"); }},
      {"read", read_file},
      {"write", write_file},
      {"overwrite", write_existing},
      {"list", list_folder},
      {"remove", remove_file},
      {"truncate", truncate_file},
      {"chmod", change_mode},
      {"fchmod", change_mode_of_open},
      {"tcp", connect_tcp},
      {"udp", [](Target) { return open_socket(AF_INET, SOCK_DGRAM); }},
      {"tcp6", [](Target) { return open_socket(AF_INET6, SOCK_STREAM); }},
      {"netlink", [](Target) { return open_socket(AF_NETLINK, SOCK_RAW); }},
      {"packet", [](Target) { return open_socket(AF_PACKET, SOCK_RAW); }},
      {"abstract", connect_abstract},
      {"kill", send_signal},
      {"ptrace", trace},
      {"read_memory", read_memory},
      {"proc", read_process_file},
      {"prlimit", lower_limit},
      {"syscall", call_kernel},
      {"unshare", new_namespace},
      {"fork", start_process},
      {"spawn", run_program},
      {"exec", become_program},
      {"fork_bomb", hoard_processes},
      {"thread_bomb", hoard_threads},
      {"file_hog", hoard_files},
      {"memory_hog", hoard_memory},
      {"shared_memory_hog", hoard_shared_memory},
      {"large_file", [](Target folder) { return hoard_disk(folder, 1); }},
      {"many_files", [](Target folder) { return hoard_disk(folder, 64); }},
      {"dig", dig},
      {"burn", burn},
  };
  return kActs;
}

}  // namespace

class Prisoner : public berth::BaseModel {
 public:
  explicit Prisoner(const berth::Package&, const berth::Host& host) : scratch_(host.scratch_folder()) {}

  berth::Metadata get_metadata() const override {
    return {.name = "prisoner", .version = "1.0", .description = "Tries to get out", .takes_files = false};
  }
  berth::ArgSpecs get_test_args() const override {
    std::vector<berth::Json> names;
    for (const auto& [act, run] : acts()) names.emplace_back(act);
    return {berth::Arg("act").choices(names).default_value("none"), berth::Arg("target").default_value("")};
  }
  berth::ArgSpecs get_train_args() const override { return get_test_args(); }
  berth::Response predict_data(const berth::Args& args) override { return act(args); }
  berth::Response train(const berth::Args& args) override { return act(args); }

 private:
  berth::Response act(const berth::Args& args) {
    auto target = args.text("target");
    if (const auto at = target.find("SCRATCH"); at == 0) target.replace(0, 7, scratch_);
    return berth::Json{{"said", acts().at(args.text("act"))(target)}, {"scratch", scratch_}};
  }
  std::string scratch_;
};
BERTH_EXPORT_MODEL(Prisoner)
