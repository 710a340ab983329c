// SPDX-License-Identifier: Apache-2.0
// What a hostile model can reach from its worker: each wall, tried from inside.
#include <gmock/gmock.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <atomic>
#include <charconv>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "hosting/library_copies.h"
#include "hosting/prison.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf, testing::HasSubstr;

#define NEEDS_LANDLOCK(abi) \
  if (kernel_.landlock < (abi)) GTEST_SKIP() << "this kernel's Landlock is " << kernel_.landlock << ", not " << (abi)
#define NEEDS_FILTER() \
  if (!kernel_.filters_syscalls) GTEST_SKIP() << "this kernel filters no system calls"

TEST_F(Prison, SaysWhatIsInForce) {
  load();
  const auto walls = model_->description()->walls;
  if (kernel_.landlock > 0) {
    EXPECT_THAT(walls, HasSubstr("Landlock " + std::to_string(kernel_.landlock)));
  }
  if (kernel_.filters_syscalls) {
    EXPECT_THAT(walls, HasSubstr("system call filter"));
  }
  RecordProperty("walls", walls);
}

TEST_F(Prison, HoldsWhatItIsMeantToHold) {
  load();
  EXPECT_EQ(attempt("read", in_house("models/prisoner/1/weights.txt")), "done");
  EXPECT_EQ(attempt("list", in_house("models/prisoner/1")), "done");
  EXPECT_EQ(attempt("write", "SCRATCH/file"), "done");
  EXPECT_EQ(attempt("read", "SCRATCH/file"), "done");
  EXPECT_EQ(attempt("remove", "SCRATCH/file"), "done");
  for (const auto* path : {"/proc/self/maps", "/proc/cpuinfo", "/dev/urandom", "/etc/ld.so.cache"}) {
    EXPECT_EQ(attempt("read", path), "done") << path;
  }
  EXPECT_EQ(attempt("overwrite", "/dev/null"), "done");
}

TEST_F(Prison, KeepsFilesThatAreNotItsOwn) {
  NEEDS_LANDLOCK(1);
  load();
  const auto neighbour = text_of(ask(house_.model("victim"), args("write", "SCRATCH/private")), "scratch");
  const auto* named = ::getenv("HOME");
  const std::string home = named != nullptr && fs::exists(named) ? named : "/home";
  struct Case {
    std::string act, target;
  };
  const std::vector<Case> cases{
      {"read", "/etc/passwd"},
      {"read", "/etc/hostname"},
      {"list", home},
      {"list", "/"},
      {"list", "/tmp"},
      {"list", "/home"},
      {"write", "/tmp/berth-prisoner-was-here"},
      {"write", "/dev/shm/berth-prisoner-was-here"},
      {"read", in_house("secret.txt")},
      {"read", in_house("models/victim/1/weights.txt")},
      {"list", in_house("models")},
      {"list", in_house("scratch")},
      {"read", neighbour + "/private"},
      {"write", neighbour + "/planted"},
      {"list", neighbour},
      {"read", in_house("plugins/prisoner.so")},
      {"overwrite", in_house("plugins/prisoner.so")},
      {"write", in_house("plugins/new.so")},
      {"overwrite", in_house("models/prisoner/1/weights.txt")},
      {"write", in_house("models/prisoner/1/new.txt")},
      {"remove", in_house("models/prisoner/1/weights.txt")},
      {"truncate", in_house("models/prisoner/1/weights.txt")},
      {"overwrite", model_->source().copy->path().string()},
      {"remove", model_->source().copy->path().string()},
      {"read", "/proc/1/environ"},
      {"proc", "parent:environ"},
      {"proc", "parent:mem"},
      {"proc", "parent:maps"},
      {"proc", "parent:cmdline"},
  };
  for (const auto& [act, target] : cases) {
    EXPECT_THAT(attempt(act, target), AnyOf("EACCES", "EPERM")) << act << " " << target;
  }
  EXPECT_EQ(test::read_file(in_house("models/prisoner/1/weights.txt")), "weights");
  EXPECT_EQ(model_->status().restarts, 0U);
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, KeepsModesOfFilesAsTheyAre) {
  NEEDS_FILTER();
  load();
  const auto weights = in_house("models/prisoner/1/weights.txt");
  const auto before = fs::status(weights).permissions();
  EXPECT_EQ(attempt("chmod", weights), "EPERM");
  EXPECT_EQ(attempt("chmod", in_house("secret.txt")), "EPERM");
  EXPECT_EQ(attempt("fchmod", weights), "done");  // it says so, for the sake of those who copy files
  EXPECT_EQ(fs::status(weights).permissions(), before);
}

TEST_F(Prison, OpensFurtherFoldersWhereTheOperatorSaysSo) {
  NEEDS_LANDLOCK(1);
  house_.folder.write("shared/data.txt", "data");
  house_.folder.write("out/old.txt", "old");
  house_.serving.permissions.read = {house_.folder / "shared"};
  house_.serving.permissions.write = {house_.folder / "out"};
  load();
  EXPECT_EQ(attempt("read", in_house("shared/data.txt")), "done");
  EXPECT_EQ(attempt("overwrite", in_house("shared/data.txt")), "EACCES");
  EXPECT_EQ(attempt("write", in_house("out/new.txt")), "done");
  EXPECT_EQ(attempt("read", in_house("out/old.txt")), "done");
  EXPECT_EQ(attempt("read", in_house("secret.txt")), "EACCES");
}

TEST_F(Prison, IsOpenWhereTheOperatorSaysSo) {
  house_.serving.permissions.confinement = worker::Mode::off;
  load();
  EXPECT_EQ(model_->description()->walls, "none");
  EXPECT_EQ(attempt("read", in_house("secret.txt")), "done");
  EXPECT_EQ(attempt("tcp6"), "done");
  EXPECT_EQ(attempt("fork"), "done");
}

// A line of /proc/PID/status of the model's worker, such as "NoNewPrivs".
std::string status_line(const ModelPtr& model, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(model->status().workers.at(0).pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return "no " + name;
}

TEST_F(Prison, GrantsNoNewPrivilegesEvenWhereItIsOpen) {
  house_.serving.permissions.confinement = worker::Mode::off;
  load();
  EXPECT_EQ(status_line(model_, "NoNewPrivs"), "1");
}

TEST_F(Prison, LeavesRootNoPowersButToReadAndWriteFiles) {
  load();
  EXPECT_EQ(status_line(model_, "NoNewPrivs"), "1");
  const std::uint64_t may_keep = ::geteuid() == 0 ? std::uint64_t{1} << CAP_DAC_OVERRIDE : 0;
  for (const auto* set : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) {
    const auto text = status_line(model_, set);
    std::uint64_t powers = ~std::uint64_t{0};
    EXPECT_EQ(std::from_chars(text.data(), text.data() + text.size(), powers, 16).ec, std::errc()) << text;
    EXPECT_EQ(powers & ~may_keep, 0U) << set << " " << text;
  }
}

TEST_F(Prison, StandsWhereItIsRequired) {
  NEEDS_LANDLOCK(1);
  NEEDS_FILTER();
  house_.serving.permissions.confinement = worker::Mode::required;
  load();
  EXPECT_EQ(attempt("read", in_house("secret.txt")), "EACCES");
}

// Listens on the loopback.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_.get(), 1), 0);
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  std::string port() const { return std::to_string(port_); }

 private:
  UniqueFd socket_;
  int port_ = 0;
};

// Listens under a name of the kernel's own.
class AbstractListener {
 public:
  AbstractListener() : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data(), name_.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_.get(), 1), 0);
  }
  const std::string& name() const { return name_; }

 private:
  const std::string name_ = "berth-test-" + std::to_string(::getpid());
  UniqueFd socket_;
};

TEST_F(Prison, HasNoNetwork) {
  NEEDS_FILTER();
  const Listener tcp;
  const AbstractListener local;
  load();
  EXPECT_EQ(attempt("tcp", tcp.port()), "EPERM");
  EXPECT_EQ(attempt("abstract", local.name()), "EPERM");
  for (const auto* act : {"udp", "tcp6", "netlink", "packet"}) EXPECT_EQ(attempt(act), "EPERM") << act;
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, HasANetworkWhereTheOperatorSaysSo) {
  const Listener tcp;
  house_.serving.permissions.network = true;
  load();
  EXPECT_EQ(attempt("tcp", tcp.port()), "done");
  if (kernel_.filters_syscalls) {
    EXPECT_EQ(attempt("packet"), "EPERM");
  }
  // Landlock alone stands between it and sockets under such names.
  const AbstractListener local;
  if (kernel_.landlock >= 6) {
    EXPECT_EQ(attempt("abstract", local.name()), "EPERM");
  }
  if (kernel_.landlock > 0) {
    EXPECT_EQ(attempt("read", in_house("secret.txt")), "EACCES");
  }
}

TEST_F(Prison, KeepsOtherProcesses) {
  NEEDS_FILTER();
  load();
  const auto neighbour = std::to_string(house_.model("victim")->status().workers.at(0).pid);
  std::vector<std::string> targets{"parent", neighbour};
  // A sanitized build may start processes, for its symbolizer, and so may end those that are its own, as these mean.
  if (!worker::is_sanitized()) targets.insert(targets.end(), {"-1", "0"});
  for (const auto& pid : targets) EXPECT_EQ(attempt("kill", pid), "EPERM") << pid;
  for (const auto& pid : {std::string("parent"), neighbour}) {
    for (const auto* act : {"ptrace", "read_memory", "prlimit"}) EXPECT_EQ(attempt(act, pid), "EPERM") << act;
  }
  EXPECT_EQ(model_->status().restarts, 0U);
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, HasNoWayIntoTheKernelThatNoModelNeeds) {
  NEEDS_FILTER();
  load();
  for (const long number : {SYS_bpf, SYS_perf_event_open, SYS_io_uring_setup, SYS_userfaultfd, SYS_keyctl, SYS_mount,
                            SYS_unshare, SYS_setns, SYS_kexec_load, SYS_init_module, SYS_shmget, SYS_chroot}) {
    EXPECT_EQ(attempt("syscall", std::to_string(number)), "EPERM") << number;
  }
  EXPECT_EQ(attempt("syscall", std::to_string(SYS_clone3)), "ENOSYS");
  EXPECT_EQ(attempt("unshare"), "EPERM");
}

TEST_F(Prison, StartsNoProcesses) {
  NEEDS_FILTER();
  if (worker::is_sanitized()) GTEST_SKIP() << "sanitizers start programs";
  load();
  EXPECT_EQ(attempt("fork"), "EPERM");
  EXPECT_EQ(attempt("fork_bomb"), "EPERM after 0");
  EXPECT_EQ(attempt("spawn", "/bin/true"), "EPERM");
  EXPECT_EQ(attempt("exec", "/bin/true"), "EPERM");
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, StartsProcessesWhereTheOperatorSaysSo) {
  house_.serving.permissions.processes = true;
  load();
  EXPECT_EQ(attempt("fork"), "done");
  EXPECT_EQ(attempt("spawn", "/bin/true"), "done");
  if (kernel_.landlock > 0) {
    EXPECT_EQ(attempt("read", in_house("secret.txt")), "EACCES");
  }
}

TEST_F(Prison, HoldsTrainingsToo) {
  load();
  std::promise<Outcome> promise;
  Call call;
  call.method = Method::train;
  call.args_json = args("read", in_house("secret.txt"));
  const auto run = house_.registry->start_run(
      model_, std::move(call), [](Progress) {}, [&](Outcome&& outcome) { promise.set_value(std::move(outcome)); });
  ASSERT_TRUE(run);
  const auto said = text_of(wait(promise.get_future()), "said");
  EXPECT_EQ(said, kernel_.landlock > 0 ? "EACCES" : "done");
}

}  // namespace
}  // namespace berth::hosting
