// SPDX-License-Identifier: Apache-2.0
// What a worker is told of its walls, and of what it would build them on each kernel. Whether they hold is
// tests/hosting/confinement_test.cpp's to try.
#include "worker/confinement.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "worker/confine.h"
#include "worker/landlock.h"
#include "worker/syscall_filter.h"

namespace berth::worker {
namespace {

TEST(Confinement, IsReadAsItWasWritten) {
  Confinement told;
  told.mode = Mode::required;
  told.network = true;
  told.read = {"/a b", "/\"quoted\"", "/ünï"};
  told.write = {"/scratch"};
  told.max_data_bytes = std::uint64_t{1} << 60;
  told.max_open_files = 1024;
  told.max_file_bytes = 5;
  told.max_threads = 7;
  const auto read = read_confinement(to_text(told));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->mode, told.mode);
  EXPECT_TRUE(read->network);
  EXPECT_FALSE(read->processes);
  EXPECT_EQ(read->read, told.read);
  EXPECT_EQ(read->write, told.write);
  EXPECT_EQ(read->max_data_bytes, told.max_data_bytes);
  EXPECT_EQ(read->max_open_files, told.max_open_files);
  EXPECT_EQ(read->max_file_bytes, told.max_file_bytes);
  EXPECT_EQ(read->max_threads, told.max_threads);
}

TEST(Confinement, IsNotGuessedAt) {
  const auto whole = to_text({});
  ASSERT_TRUE(read_confinement(whole));
  for (const auto* key : {"mode", "network", "processes", "read", "write", "max_data_bytes", "max_threads"}) {
    auto text = whole;
    text.at(text.find(key)) = 'X';
    EXPECT_FALSE(read_confinement(text)) << key;
  }
  for (const auto* text : {"", "{}", "[]", "on"}) EXPECT_FALSE(read_confinement(text)) << text;
}

TEST(Confinement, FailsWhereItIsRequiredAndTheKernelLacksAWall) {
  Confinement required;
  required.mode = Mode::required;
  for (const auto& kernel : {Kernel{0, true}, Kernel{7, false}, Kernel{0, false}}) {
    const auto walls = confine(required, kernel);
    ASSERT_FALSE(walls);
    EXPECT_NE(walls.error().message.find("required"), std::string::npos) << walls.error().message;
  }
}

TEST(Walls, AreNamedForPeople) {
  EXPECT_EQ(to_string(Walls{}), "none");
  EXPECT_EQ(to_string(Walls{7, true, true}), "Landlock 7, system call filter, network namespace");
  EXPECT_EQ(to_string(Walls{0, true, false}), "system call filter");
}

TEST(LandlockAccess, IsWhatEachKernelKnows) {
  // As in the kernel's documentation: ABI 1 has 13 kinds of access; 2 adds linking, 3 cutting, 5 control of devices.
  const int files[]{13, 14, 15, 15, 16, 16, 16};
  for (int abi = 1; abi <= 7; ++abi) {
    const auto access = landlock_access(abi, false);
    EXPECT_EQ(std::popcount(access.files), files[abi - 1]) << abi;
    EXPECT_EQ(std::popcount(access.ports), abi >= 4 ? 2 : 0) << abi;
    EXPECT_EQ(std::popcount(access.scoped), abi >= 6 ? 2 : 0) << abi;
    for (const auto granted : {access.reading, access.running, access.writing, access.device}) {
      EXPECT_EQ(granted & ~access.files, 0U) << abi;
    }
    EXPECT_EQ(access.reading & access.writing & ~access.running, 0U);
    EXPECT_EQ(landlock_access(abi, true).ports, 0U);
  }
}

TEST(LandlockAccess, MakesNoDevicesAndRunsNothingWhereItWrites) {
  const auto access = landlock_access(7, false);
  constexpr std::uint64_t kExecute = 1, kMakeChar = 1U << 6, kMakeSock = 1U << 9, kMakeBlock = 1U << 11;
  EXPECT_EQ(access.writing & (kExecute | kMakeChar | kMakeSock | kMakeBlock), 0U);
  EXPECT_EQ(access.reading & kExecute, 0U);
}

// What the kernel would answer.
std::uint32_t judge(const std::vector<sock_filter>& program, const seccomp_data& call) {
  std::uint32_t value = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const auto& step = program[at];
    const auto jump = [&](bool taken) { at += taken ? step.jt : step.jf; };
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&value, reinterpret_cast<const char*>(&call) + step.k, sizeof(value));
        break;
      case BPF_JMP | BPF_JEQ | BPF_K: jump(value == step.k); break;
      case BPF_JMP | BPF_JGE | BPF_K: jump(value >= step.k); break;
      case BPF_JMP | BPF_JSET | BPF_K: jump((value & step.k) != 0); break;
      case BPF_RET | BPF_K: return step.k;
      default: ADD_FAILURE() << "an unknown step"; return 0;
    }
  }
  ADD_FAILURE() << "no answer";
  return 0;
}

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64, kOtherMachine = AUDIT_ARCH_I386;
#else
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64, kOtherMachine = AUDIT_ARCH_ARM;
#endif
constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;

seccomp_data call_of(long number, std::uint64_t first = 0) {
  seccomp_data call{};
  call.arch = kMachine;
  call.nr = static_cast<int>(number);
  call.args[0] = first;
  return call;
}

TEST(SyscallFilter, LetsThroughWhatEveryModelDoes) {
  const auto program = syscall_filter({.own_pid = 42});
  for (const long number :
       {SYS_read, SYS_write, SYS_openat, SYS_mmap, SYS_mprotect, SYS_futex, SYS_ioctl, SYS_exit_group,
        SYS_sched_setaffinity, SYS_memfd_create, SYS_sendmsg, SYS_recvmsg, SYS_rt_sigaction}) {
    EXPECT_EQ(judge(program, call_of(number)), SECCOMP_RET_ALLOW) << number;
  }
}

TEST(SyscallFilter, LooksAtArguments) {
  const auto program = syscall_filter({.own_pid = 42});
  constexpr std::uint64_t kThread = 0x00010000, kNewUser = 0x10000000;
  EXPECT_EQ(judge(program, call_of(SYS_clone, kThread)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(program, call_of(SYS_clone, 0)), kRefused);
  EXPECT_EQ(judge(program, call_of(SYS_clone, kThread | kNewUser)), kRefused);
  EXPECT_EQ(judge(program, call_of(SYS_kill, 42)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(program, call_of(SYS_kill, 43)), kRefused);
  EXPECT_EQ(judge(program, call_of(SYS_tgkill, 42)), SECCOMP_RET_ALLOW);
  // The upper half of an int's register may hold anything.
  EXPECT_EQ(judge(program, call_of(SYS_kill, (std::uint64_t{42} << 32) | 1)), kRefused);
  EXPECT_EQ(judge(program, call_of(SYS_prlimit64, 0)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(program, call_of(SYS_prlimit64, 1)), kRefused);
}

TEST(SyscallFilter, OpensOneDoorAtATime) {
  const auto network = syscall_filter({.network = true, .own_pid = 42});
  EXPECT_EQ(judge(network, call_of(SYS_socket, AF_INET6)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(network, call_of(SYS_socket, AF_PACKET)), kRefused);
  EXPECT_EQ(judge(network, call_of(SYS_execve)), kRefused);
  const auto processes = syscall_filter({.processes = true, .own_pid = 42});
  EXPECT_EQ(judge(processes, call_of(SYS_execve)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(processes, call_of(SYS_clone, 0)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(processes, call_of(SYS_clone, 0x10000000)), kRefused);
  EXPECT_EQ(judge(processes, call_of(SYS_socket, AF_INET)), kRefused);
}

TEST(SyscallFilter, RefusesTheSameCallsUnderOtherNumbers) {
  const auto program = syscall_filter({.network = true, .processes = true, .own_pid = 42});
  auto call = call_of(SYS_read);
  call.arch = kOtherMachine;
  EXPECT_EQ(judge(program, call), kRefused);
#if defined(__x86_64__)
  EXPECT_EQ(judge(program, call_of(0x40000000L | SYS_read)), kRefused);
#endif
}

TEST(SyscallFilter, CutsFilesByPathOnlyWhereLandlockLooks) {
  EXPECT_EQ(judge(syscall_filter({.truncate = true}), call_of(SYS_truncate)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(syscall_filter({.truncate = false}), call_of(SYS_truncate)), kRefused);
}

}  // namespace
}  // namespace berth::worker
