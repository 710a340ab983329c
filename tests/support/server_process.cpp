// SPDX-License-Identifier: Apache-2.0
#include "support/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/unique_fd.h"

namespace berth::test {

namespace {

constexpr std::chrono::seconds kStartTimeout{120};
constexpr std::chrono::seconds kStopTimeout{30};

pid_t spawn(const std::vector<std::string>& command, const std::filesystem::path& stderr_file, int stdout_fd) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, stderr_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  return pid;
}

// Reads until every model is ready or not, "ready: …"; the port is in the line before, "… http://127.0.0.1:PORT …".
std::uint16_t read_port(int fd) {
  constexpr std::string_view kMark = "http://127.0.0.1:";
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  std::string text;
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, 200) <= 0) continue;
    char chunk[512];
    const auto got = ::read(fd, chunk, sizeof chunk);
    if (got <= 0) return 0;
    text.append(chunk, static_cast<std::size_t>(got));
    const auto at = text.find(kMark);
    if (at == std::string::npos || text.find("\nready: ", at) == std::string::npos) continue;
    std::uint16_t port = 0;
    std::from_chars(text.data() + at + kMark.size(), text.data() + text.size(), port);
    return port;
  }
  return 0;
}

}  // namespace

ServerProcess::ServerProcess(const Options& options) {
  const auto plugins = folder_ / "plugins";
  std::filesystem::create_directories(plugins);
  for (const auto& library : options.plugins) {
    std::filesystem::create_symlink(library, plugins / library.filename());
  }
  const auto models = options.models_dir.empty() ? folder_ / "models" : options.models_dir;
  const auto config = folder_.write("berth.yaml", options.config);
  std::vector<std::string> command{BERTH_PROGRAM, "serve",          "--config",       config,         "--listen-port",
                                   "0",           "--plugins-dir",  plugins.string(), "--models-dir", models.string(),
                                   "--state-dir", folder_ / "state"};
  command.insert(command.end(), options.arguments.begin(), options.arguments.end());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const UniqueFd from_server(ends[0]);
  UniqueFd to_us(ends[1]);
  pid_ = spawn(command, folder_ / "stderr", to_us.get());
  to_us.reset();
  port_ = read_port(from_server.get());
  if (port_ == 0) {
    signal(SIGKILL);
    wait(kStopTimeout);
    throw std::runtime_error("the server did not start:\n" + log());
  }
}

ServerProcess::~ServerProcess() {
  if (exit_code_ >= 0) return;
  signal(SIGTERM);
  if (wait(kStopTimeout) >= 0) return;
  signal(SIGKILL);
  wait(kStopTimeout);
}

std::string ServerProcess::admin_key() const {
  auto key = read_file(folder_ / "state/admin.key");
  while (key.ends_with('\n')) key.pop_back();
  return key;
}

HttpClient ServerProcess::admin() const {
  auto client = this->client();
  client.show_key(admin_key());
  return client;
}

void ServerProcess::signal(int number) const { ::kill(pid_, number); }

int ServerProcess::wait(std::chrono::milliseconds timeout) {
  if (exit_code_ >= 0) return exit_code_;
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd waiting{process.get(), POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return -1;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

std::vector<pid_t> ServerProcess::processes() const {
  std::vector<pid_t> found{pid_};
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::error_code gone;  // they end while they are looked at
    std::filesystem::directory_iterator task("/proc/" + std::to_string(found[i]) + "/task", gone);
    for (; !gone && task != std::filesystem::directory_iterator(); task.increment(gone)) {
      std::ifstream in(task->path() / "children");
      for (pid_t child = 0; in >> child;) found.push_back(child);
    }
  }
  found.erase(found.begin());
  return found;
}

std::vector<pid_t> ServerProcess::workers() const {
  auto found = processes();
  std::erase_if(found, [](pid_t pid) {
    std::string name;
    std::ifstream("/proc/" + std::to_string(pid) + "/comm") >> name;
    return name == "berth-fork";
  });
  return found;
}

std::size_t resident_bytes(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
  std::size_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t open_descriptors(pid_t pid) {
  std::size_t count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error)) {
    std::error_code closed;
    const auto opened = std::filesystem::read_symlink(entry.path(), closed);
    if (!closed && !opened.filename().string().starts_with("berth.db")) ++count;
  }
  return count;
}

}  // namespace berth::test
