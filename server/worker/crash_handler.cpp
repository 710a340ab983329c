// SPDX-License-Identifier: Apache-2.0
// What runs in a signal handler takes no lock, allocates nothing and trusts no memory but its own. The unwinder is the
// exception: it is loaded before, and an alarm ends a handler that it holds up.
#include "worker/crash_handler.h"

#include <cxxabi.h>
#include <execinfo.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <typeinfo>

#include "worker/process.h"

namespace berth::worker {
namespace {

constexpr std::array kFatal{SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGABRT, SIGSYS,
                            SIGTRAP, SIGPIPE, SIGXCPU, SIGQUIT, SIGHUP};
constexpr std::size_t kStackBytes = 128UL * 1024;
constexpr unsigned kHandlerSeconds = 2;
constexpr int kSkippedFrames = 2;  // of the handler itself, where no pc tells where to begin

// Handlers get no argument: these are theirs, written once, before there is a plugin.
CrashRecord* volatile the_record = nullptr;
int the_maps = -1;
pid_t the_owner = 0;
std::terminate_handler the_previous_terminate = nullptr;

void copy_text(char* to, std::size_t room, std::string_view text) {
  const auto size = std::min(room - 1, text.size());
  std::memcpy(to, text.data(), size);
  to[size] = '\0';
}

// What the plugin forked has the same memory, and an end of its own.
bool is_owner() { return ::getpid() == the_owner; }

// One thread tells; an exit that has been told gives way to what it ends in.
bool claim(CrashRecord& record) {
  std::uint32_t expected = CrashRecord::empty;
  if (record.state.compare_exchange_strong(expected, CrashRecord::being_written)) return true;
  return expected == CrashRecord::complete && record.kind == CrashRecord::exit &&
         record.state.compare_exchange_strong(expected, CrashRecord::being_written);
}

// Whole lines, and of these the ones with a path.
void write_maps(CrashRecord& record) {
  int fd = the_maps;
  if (::lseek(fd, 0, SEEK_SET) != 0) fd = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  std::array<char, 4096> buffer;
  std::size_t used = 0, line = 0;
  bool names_file = false;
  for (;;) {
    const auto size = ::read(fd, buffer.data(), buffer.size());
    if (size <= 0) break;
    for (ssize_t i = 0; i < size; ++i) {
      if (used == CrashRecord::kMaxMaps) break;
      const char c = buffer[static_cast<std::size_t>(i)];
      record.maps[used++] = c;
      if (c == '/') names_file = true;
      if (c != '\n') continue;
      if (names_file) line = used;
      used = line;
      names_file = false;
    }
  }
  record.maps_size = line;
}

void write_stack(CrashRecord& record) {
  std::array<void*, CrashRecord::kMaxFrames> frames{};
  const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  int first = std::min(kSkippedFrames, count);
  for (int i = 0; i < count; ++i) {
    if (record.pc != 0 && reinterpret_cast<std::uint64_t>(frames[static_cast<std::size_t>(i)]) == record.pc) first = i;
  }
  std::uint64_t used = 0;
  for (int i = first; i < count; ++i) {
    record.frames[used++] = reinterpret_cast<std::uint64_t>(frames[static_cast<std::size_t>(i)]);
  }
  record.frame_count = used;
}

void write_rest(CrashRecord& record) {
  ::prctl(PR_GET_NAME, record.thread);
  write_maps(record);
  write_stack(record);
  record.state.store(CrashRecord::complete);
}

void write_place(CrashRecord& record, const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  record.pc = static_cast<std::uint64_t>(machine.gregs[REG_RIP]);
  record.stack_pointer = static_cast<std::uint64_t>(machine.gregs[REG_RSP]);
#elif defined(__aarch64__)
  record.pc = machine.pc;
  record.stack_pointer = machine.sp;
#else
  static_cast<void>(machine);
#endif
}

void use_default(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
}

void end_by(int signal) {
  use_default(signal);
  // Blocked until the handler returns; an instruction that faults is met again before.
  ::syscall(SYS_tgkill, ::getpid(), static_cast<pid_t>(::syscall(SYS_gettid)), signal);
}

void on_signal(int signal, siginfo_t* info, void* context) {
  CrashRecord& record = *the_record;
  if (!is_owner()) return end_by(signal);
  if (!claim(record)) {
    // Another thread tells of its own end, which is everybody's.
    if (signal == where_are_you_signal()) return;
    for (;;) ::pause();
  }
  use_default(SIGALRM);
  ::alarm(kHandlerSeconds);
  record.kind = signal == where_are_you_signal() ? CrashRecord::asked : CrashRecord::signal;
  record.number = signal;
  record.code = info->si_code;
  record.is_sent = info->si_code <= 0 ? 1 : 0;
  if (record.is_sent != 0 && info->si_pid != ::getpid()) record.sender = info->si_pid;
  record.address = reinterpret_cast<std::uint64_t>(info->si_addr);
  write_place(record, context);
  write_rest(record);
  end_by(signal == where_are_you_signal() ? SIGKILL : signal);
}

void on_exit_called(int status, void*) {
  CrashRecord& record = *the_record;
  if (!is_owner() || !claim(record)) return;
  record.kind = CrashRecord::exit;
  record.number = status;
  write_rest(record);
}

// There may be no memory left to demangle in, or to make a text of.
void write_thrown(CrashRecord& record) {
  const char* mangled = abi::__cxa_current_exception_type()->name();
  int status = 0;
  char* name = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  const char* shown = name == nullptr ? mangled : name;
  std::snprintf(record.what, CrashRecord::kMaxWhat, "uncaught %s", shown);
  try {
    throw;
  } catch (const std::exception& exception) {
    std::snprintf(record.what, CrashRecord::kMaxWhat, "uncaught %s: %s", shown, exception.what());
  } catch (...) {
  }
  std::free(name);
}

[[noreturn]] void on_terminate() {
  CrashRecord& record = *the_record;
  if (!is_owner()) {
    // Nothing of this process is told.
  } else if (abi::__cxa_current_exception_type() != nullptr) {
    write_thrown(record);
  } else {
    copy_text(record.what, CrashRecord::kMaxWhat, "std::terminate");
  }
  if (the_previous_terminate != nullptr) the_previous_terminate();  // prints what it was, and aborts
  std::abort();
}

// Without it the overflow of this thread's stack would leave no room to tell of it.
void take_own_stack() {
  void* base = ::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return;
  stack_t stack{};
  stack.ss_sp = base;
  stack.ss_size = kStackBytes;
  ::sigaltstack(&stack, nullptr);
}

}  // namespace

void tell_ends_in(CrashRecord& record) {
  the_record = &record;
  the_owner = ::getpid();
  the_maps = move_high(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC)).release();
  std::array<void*, 4> unused{};
  ::backtrace(unused.data(), static_cast<int>(unused.size()));  // loads the unwinder
  take_own_stack();
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : kFatal) ::sigaction(signal, &action, nullptr);
  ::sigaction(where_are_you_signal(), &action, nullptr);
  the_previous_terminate = std::set_terminate(on_terminate);
  ::on_exit(on_exit_called, nullptr);
}

void note_doing(Doing doing) {
  if (the_record != nullptr) the_record->doing.store(static_cast<std::uint32_t>(doing), std::memory_order_relaxed);
}

void note_why(std::string_view why) {
  if (the_record != nullptr) copy_text(the_record->what, CrashRecord::kMaxWhat, why);
}

void note_closed_descriptor() { note_why("a descriptor that is not the plugin's was closed"); }

}  // namespace berth::worker
