// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>

#include "app.h"
#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/server_options.h"
#include "cli/table.h"
#include "config/installation.h"
#include "elf/library_search.h"
#include "hosting/worker_probe.h"

namespace berth::cli {
namespace {

namespace fs = std::filesystem;

// What was found, a row each.
class Findings {
 public:
  void ok(std::string what, std::string found) { rows_.push_back({"ok", std::move(what), std::move(found)}); }
  void warn(std::string what, std::string found, std::string_view advice) {
    rows_.push_back({"warn", std::move(what), std::move(found.append(": ").append(advice))});
  }
  void fail(std::string what, std::string found, std::string_view advice) {
    rows_.push_back({"fail", std::move(what), std::move(found.append(": ").append(advice))});
    ++failures_;
  }
  int print() const {
    std::printf("%s", format_table({"", "WHAT", "FOUND"}, rows_).c_str());
    return failures_ == 0 ? kOk : kFailed;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  int failures_ = 0;
};

std::string joined(const std::vector<std::string>& texts) {
  std::string text;
  for (const auto& one : texts) text.append(text.empty() ? "" : ", ").append(one);
  return text;
}

std::uint64_t number_in(const fs::path& file) {
  std::uint64_t value = 0;
  std::ifstream(file) >> value;
  return value;
}

void look_at_kernel(Findings& findings) {
  utsname name{};
  ::uname(&name);
  findings.ok("kernel", std::string(name.sysname) + " " + name.release);
  const auto walls = hosting::kernel_walls();
  constexpr int kCutting = 3, kSignals = 6;
  if (walls.landlock == 0) {
    findings.warn(
        "Landlock", "none",
        "workers can read what the server can. Linux 5.13 or later with `landlock` in its lsm= list has it; a "
        "container's own filter may forbid it");
  } else if (walls.landlock < kCutting) {
    findings.warn("Landlock", "ABI " + std::to_string(walls.landlock), "Linux 6.2 or later keeps more (ABI 3)");
  } else {
    findings.ok("Landlock",
                "ABI " + std::to_string(walls.landlock) +
                    (walls.landlock < kSignals ? "; signals are kept by the system call filter alone" : ""));
  }
  if (walls.filters_syscalls) {
    findings.ok("system call filter", "there");
  } else {
    findings.warn("system call filter", "none", "workers have the network and may start processes");
  }
}

void look_at_limits(Findings& findings, const config::Config& config) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const auto wanted = config.limits.max_connections + 256;
  if (files.rlim_max < wanted) {
    findings.warn(
        "open files", "at most " + std::to_string(files.rlim_max),
        "limits.max_connections is lowered to fit; raise LimitNOFILE or ulimit -n to " + std::to_string(wanted));
  } else {
    findings.ok("open files", "at most " + std::to_string(files.rlim_max));
  }
  constexpr std::uint64_t kFewWatches = 1024, kFewInstances = 16;
  const fs::path inotify("/proc/sys/fs/inotify");
  const auto watches = number_in(inotify / "max_user_watches"), instances = number_in(inotify / "max_user_instances");
  const auto found = std::to_string(watches) + " watches, " + std::to_string(instances) + " instances";
  if (watches < kFewWatches || instances < kFewInstances) {
    findings.warn("inotify", found, "changes on disk may go unseen; raise fs.inotify.max_user_watches and _instances");
  } else {
    findings.ok("inotify", found);
  }
  const UniqueFd memory(::memfd_create("berth-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (memory) {
    findings.ok("shared memory", "memfd_create works");
  } else {
    findings.fail("shared memory", std::strerror(errno), "workers cannot be talked to; allow memfd_create");
  }
  const bool delegated = ::access("/sys/fs/cgroup/cgroup.subtree_control", W_OK) == 0;
  findings.ok("cgroup 2", delegated ? "writable (not needed)"
                                    : "not writable (not needed: a limit of the whole service's "
                                      "is its manager's to set)");
}

void look_at_blas(Findings& findings) {
  const char* library_path = std::getenv("LD_LIBRARY_PATH");
  const elf::LibrarySearch search(library_path == nullptr ? "" : library_path);
  for (const auto& candidate : search.candidates("libblas.so.3", {}, {})) {
    std::error_code error;
    const auto real = fs::canonical(candidate, error);
    if (error) continue;
    const auto path = real.string();
    const bool is_fast = path.find("openblas") != path.npos || path.find("mkl") != path.npos ||
                         path.find("blis") != path.npos || path.find("atlas") != path.npos;
    if (is_fast) return findings.ok("BLAS", path);
    return findings.warn("BLAS", path, "the reference implementation is slow; install libopenblas0-pthread");
  }
  findings.ok("BLAS", "none of the system's (LibTorch may bring its own)");
}

void look_at_folders(Findings& findings, const hosting::RegistryOptions& options) {
  std::error_code error;
  for (const auto& folder : options.plugins_dirs) {
    if (fs::is_directory(folder, error)) {
      findings.ok("plugins", folder.string());
    } else {
      findings.fail("plugins", folder.string() + " is no folder", "make it, or set server.plugins_dirs");
    }
  }
  if (options.plugins_dirs.empty()) findings.fail("plugins", "no folder", "set server.plugins_dirs or --plugins-dir");
  if (options.models_dir.empty() || !fs::is_directory(options.models_dir, error)) {
    findings.warn("packages", options.models_dir.empty() ? "no folder" : options.models_dir.string() + " is no folder",
                  "only models that need no package are served; set server.models_dir or --models-dir");
  } else {
    findings.ok("packages", options.models_dir.string());
  }
  const auto scratch = options.scratch_dir.empty() ? fs::temp_directory_path(error) : options.scratch_dir;
  // What is not there yet is made in the nearest folder above that is.
  auto place = fs::absolute(scratch, error);
  while (!fs::exists(place, error) && place.has_relative_path()) place = place.parent_path();
  if (::access(place.c_str(), W_OK | X_OK) == 0) {
    findings.ok("scratch folder", scratch.string());
  } else {
    findings.fail("scratch folder", "cannot write to " + place.string(), "set server.scratch_dir");
  }
}

void look_at_workers(Findings& findings, const hosting::RegistryOptions& options) {
  if (options.worker_program.empty()) {
    return findings.fail("berth-worker", "not found",
                         "it belongs beside the program, or into libexec/berth beside its folder");
  }
  findings.ok("berth-worker", options.worker_program.string());
  const auto serving = options.serving("");
  const auto probe = hosting::probe_worker(options.worker_program, serving);
  if (!probe) return findings.fail("a worker", probe.error().message, "see docs/security.md");
  if (!probe->works) {
    findings.fail("a worker", "it lacks what every worker needs", "set defaults.confinement: off, and report this");
  }
  if (serving.permissions.confinement == worker::Mode::off) {
    return findings.warn("a worker's walls", "none", "defaults.confinement is off");
  }
  findings.ok("a worker's walls", probe->walls);
  if (!probe->kept.empty()) findings.ok("kept from a worker", joined(probe->kept));
  if (!probe->open.empty()) {
    findings.warn("open to a worker", joined(probe->open), "the configuration allows it, or the kernel lacks the wall");
  }
}

void look_at_port(Findings& findings, const config::Server& server) {
  const auto where = server.ip + " port " + std::to_string(server.port);
  sockaddr_storage address{};
  socklen_t size = sizeof(sockaddr_in);
  auto* four = reinterpret_cast<sockaddr_in*>(&address);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address);
  if (::inet_pton(AF_INET, server.ip.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(server.port);
  } else if (::inet_pton(AF_INET6, server.ip.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(server.port);
    size = sizeof(sockaddr_in6);
  }
  const UniqueFd socket(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) {
    findings.ok("address", where + " is free");
  } else {
    findings.fail("address", where + ": " + std::strerror(errno),
                  "another server may be running; set server.ip and server.port");
  }
}

int run(const ServerOptions& options) {
  const auto config = to_config(options);
  if (!config) return fail(config.error().message.c_str(), kUsage);
  const auto registry = registry_options(*config);
  Findings findings;
  look_at_kernel(findings);
  look_at_workers(findings, registry);
  look_at_limits(findings, *config);
  look_at_blas(findings);
  look_at_folders(findings, registry);
  look_at_port(findings, config->server);
  return findings.print();
}

}  // namespace

void add_doctor(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("doctor", "Say whether this machine has what a server needs");
  const auto options = std::make_shared<ServerOptions>();
  add_folder_options(*command, *options);
  add_listen_options(*command, *options);
  command->footer(
      "Takes the options of `berth serve` and starts no server. A worker is really started, confined as the\n"
      "configuration says, and tries what it must not. Exit code 1 where something is to be mended first.\n\n"
      "Examples:\n"
      "  berth doctor\n"
      "  berth doctor --config /etc/berth/berth.yaml");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
