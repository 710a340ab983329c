// SPDX-License-Identifier: Apache-2.0
#include "worker/syscall_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string>

namespace berth::worker {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#endif

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t refuse(int error) { return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error); }
// Says that it was done.
constexpr std::uint32_t kPretend = SECCOMP_RET_ERRNO;

constexpr std::uint32_t kNewNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// Newer than the headers of the oldest system that builds this.
constexpr int kMountSetattr = 442, kQuotactlFd = 443, kFchmodat2 = 452, kSetxattrat = 463, kRemovexattrat = 466;

// Nobody's: other processes, the system itself, what reaches around Landlock, and doors that were often left open.
constexpr auto kNever = std::to_array<int>({
  // other processes
  SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_kcmp, SYS_pidfd_getfd,
      SYS_pidfd_send_signal, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_tkill, SYS_migrate_pages, SYS_move_pages,
      SYS_setpriority, SYS_ioprio_set,
      // what outlives the worker, or is shared with others of the same user
      SYS_shmget, SYS_shmat, SYS_shmctl, SYS_semget, SYS_semctl, SYS_msgget, SYS_msgctl, SYS_mq_open, SYS_mq_unlink,
      SYS_add_key, SYS_request_key, SYS_keyctl,
      // namespaces and mounts
      SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsconfig,
      SYS_fsmount, SYS_fspick, SYS_pivot_root, SYS_chroot, kMountSetattr,
      // the machine
      SYS_reboot, SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_swapon,
      SYS_swapoff, SYS_acct, SYS_syslog, SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime,
      SYS_clock_adjtime, SYS_adjtimex, SYS_quotactl, kQuotactlFd, SYS_vhangup, SYS_fanotify_init,
      // large ways into the kernel
      SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
      SYS_personality,
      // what Landlock does not see: files by their number, and changes to what cannot be written
      SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_fchmodat, kFchmodat2, SYS_fchown, SYS_fchownat, SYS_setxattr,
      SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, kSetxattrat, kRemovexattrat,
      SYS_utimensat,
#if defined(__x86_64__)
      SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
});

class Program {
 public:
  void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  void load_number() { load(offsetof(seccomp_data, nr)); }
  // The lower half, which is all that the kernel takes of a number that is an int.
  void load_argument(std::size_t index) { load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t)); }
  void answer(std::uint32_t what) { add(BPF_RET | BPF_K, what); }
  void answer_if(std::uint16_t test, std::uint32_t value, std::uint32_t what) {
    add(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), value, 0, 1);
    answer(what);
  }
  void answer_unless(std::uint16_t test, std::uint32_t value, std::uint32_t what) {
    add(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), value, 1, 0);
    answer(what);
  }
  void answer_call(long number, std::uint32_t what) { answer_if(BPF_JEQ, static_cast<std::uint32_t>(number), what); }
  // What `body` adds is for that system call alone, and must end with an answer.
  template <typename Body>
  void for_call(long number, Body body) {
    const auto jump = code_.size();
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 0);
    body();
    code_[jump].jf = static_cast<std::uint8_t>(code_.size() - jump - 1);
  }
  std::vector<sock_filter> take() { return std::move(code_); }

 private:
  void add(std::uint16_t code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
    code_.push_back({code, if_true, if_false, value});
  }
  std::vector<sock_filter> code_;
};

void refuse_processes(Program& program) {
  for (const long number : {SYS_execve, SYS_execveat}) program.answer_call(number, refuse(EPERM));
#if defined(__x86_64__)
  for (const long number : {SYS_fork, SYS_vfork}) program.answer_call(number, refuse(EPERM));
#endif
}

void judge_clone(Program& program, bool processes) {
  // Its flags lie in memory, where a filter cannot look. The C library takes clone then.
  program.answer_call(SYS_clone3, refuse(ENOSYS));
  program.for_call(SYS_clone, [&] {
    program.load_argument(0);
    program.answer_if(BPF_JSET, kNewNamespaces, refuse(EPERM));
    if (!processes) program.answer_unless(BPF_JSET, CLONE_THREAD, refuse(EPERM));
    program.answer(kAllow);
  });
}

// The first argument must be one of these.
void only_for(Program& program, long number, std::initializer_list<std::int32_t> values) {
  program.for_call(number, [&] {
    program.load_argument(0);
    for (const auto value : values) program.answer_if(BPF_JEQ, static_cast<std::uint32_t>(value), kAllow);
    program.answer(refuse(EPERM));
  });
}

}  // namespace

std::vector<sock_filter> syscall_filter(const FilterOptions& options) {
  Program program;
  program.load(offsetof(seccomp_data, arch));
  program.answer_unless(BPF_JEQ, kMachine, refuse(EPERM));
  program.load_number();
#if defined(__x86_64__)
  program.answer_if(BPF_JGE, 0x40000000U, refuse(EPERM));  // the same calls under other numbers (x32)
#endif
  for (const int number : kNever) program.answer_call(number, refuse(EPERM));
  // Copying a file sets the copy's mode, and fails where that does.
  program.answer_call(SYS_fchmod, kPretend);
  if (!options.truncate) program.answer_call(SYS_truncate, refuse(EPERM));
  if (!options.processes) refuse_processes(program);
  judge_clone(program, options.processes);
  if (options.network) {
    only_for(program, SYS_socket, {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK});
  } else {
    program.answer_call(SYS_socket, refuse(EPERM));
  }
  // Children have numbers that nobody knows yet.
  if (!options.processes) {
    only_for(program, SYS_kill, {options.own_pid});
    only_for(program, SYS_tgkill, {options.own_pid});
  }
  for (const long number : {SYS_prlimit64, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr}) {
    only_for(program, number, {0, options.own_pid});
  }
  program.answer(kAllow);
  return program.take();
}

bool kernel_filters_syscalls() {
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

Result<> enforce(const std::vector<sock_filter>& program) {
  auto code = program;
  const sock_fprog whole{static_cast<unsigned short>(code.size()), code.data()};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole) == 0) return {};
  return failure(Code::unavailable, std::string("seccomp: ") + std::strerror(errno));
}

}  // namespace berth::worker
