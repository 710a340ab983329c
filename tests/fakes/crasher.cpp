// SPDX-License-Identifier: Apache-2.0
// Fails in every way that research code fails; the argument `mode` says how.
#include <berth/berth.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

namespace {

// The sink keeps the optimiser from proving what is wrong here.
volatile int sink = 0;

void dereference_null() {
  int* volatile nowhere = nullptr;
  sink = *nowhere;
}

void overflow_stack(int depth) {  // NOLINT(misc-no-recursion): that is the point
  volatile char frame[4096];
  frame[depth % 4096] = static_cast<char>(depth);
  if (depth >= 0) overflow_stack(depth + 1);
  sink = static_cast<unsigned char>(frame[0]);
}

void hang() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

void spin() {
  while (true) sink = sink + 1;
}

void leak() {
  while (true) {
    auto* block = static_cast<volatile char*>(std::malloc(1 << 20));
    if (block == nullptr) throw std::bad_alloc();
    for (int i = 0; i < 1 << 20; i += 4096) block[i] = 1;
  }
}

// Where memory ends, and nothing is prepared for it.
void run_out_of_memory() noexcept {
  constexpr rlim_t kEnough = 512UL * 1024 * 1024;
  const rlimit limit{kEnough, kEnough};
  ::setrlimit(RLIMIT_AS, &limit);
  leak();
}

void spam() {
  const std::string line(1000, '#');
  for (int i = 0; i < 20'000; ++i) std::cout << line << '\n' << std::flush;
}

void throw_in_thread() {
  std::thread([] { throw std::runtime_error("nobody catches this"); }).join();
}

void close_descriptors() {
  for (int fd = 3; fd < 1024; ++fd) ::close(fd);
}

void spam_errors() {
  const std::string line(1000, '!');
  for (int i = 0; i < 5'000; ++i) std::cerr << line << '\n';
}

void lock_twice() {
  std::mutex first, second;
  std::unique_lock mine(first);
  std::thread other([&] {
    const std::lock_guard its(second);
    const std::lock_guard never(first);
  });
  while (second.try_lock()) second.unlock();  // until the other one has it
  const std::lock_guard never(second);
  other.join();
}

void corrupt_heap() {
  auto* volatile block = static_cast<char*>(std::malloc(4096));
  for (int i = 1; i <= 8; ++i) block[-i] = 'x';  // what says how large it is
  std::free(block);
}

void write_to_nobody() {
  int ends[2];
  if (::pipe(ends) != 0) return;
  ::close(ends[0]);
  sink = static_cast<int>(::write(ends[1], "x", 1));
}

void divide_by_zero() {
  volatile int zero = 0;
  volatile int one = 1;
  sink = one / zero;
}

// The child never leaves by itself.
void leave_child() {
  if (::fork() != 0) return;
  while (true) ::pause();
}

// Crashes, but not here.
void crash_in_child() {
  const auto child = ::fork();
  if (child == 0) dereference_null();
  ::waitpid(child, nullptr, 0);
}

const std::map<std::string, std::function<void()>>& failures() {
  static const std::map<std::string, std::function<void()>> kFailures = {
      {"none", [] {}},
      {"null", dereference_null},
      {"abort", [] { std::abort(); }},
      {"terminate", [] { std::terminate(); }},
      {"exit", [] { std::exit(0); }},
      {"quick_exit", [] { ::_exit(0); }},
      {"stack_overflow", [] { overflow_stack(0); }},
      {"throw", [] { throw std::runtime_error("a plain exception"); }},
      {"throw_int", [] { throw 42; }},
      {"throw_in_thread", throw_in_thread},
      {"error", [] { throw berth::Error(422, "an error for the client"); }},
      {"throttled", [] { throw berth::Error(429, "come again later"); }},
      {"bad_status", [] { throw berth::Error(200, "an error that claims success"); }},
      {"hang", hang},
      {"spin", spin},
      {"leak", leak},
      {"out_of_memory", run_out_of_memory},
      {"spam", spam},
      {"close_descriptors", close_descriptors},
      {"spam_errors", spam_errors},
      {"deadlock", lock_twice},
      {"corrupt_heap", corrupt_heap},
      {"sigpipe", write_to_nobody},
      {"divide", divide_by_zero},
      {"stop", [] { ::raise(SIGSTOP); }},
      {"kill", [] { ::raise(SIGKILL); }},
      {"fork", leave_child},
      {"crash_in_child", crash_in_child},
  };
  return kFailures;
}

}  // namespace

class Crasher : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "crasher", .version = "1.0", .description = "Fails as it is told to", .takes_files = false};
  }
  berth::ArgSpecs get_test_args() const override {
    std::vector<berth::Json> modes;
    for (const auto& [mode, failure] : failures()) modes.emplace_back(mode);
    return {berth::Arg("mode").choices(modes).default_value("none")};
  }
  berth::Response predict_data(const berth::Args& args) override {
    const std::string mode = args.text("mode");
    failures().at(mode)();
    return berth::Json{{"survived", mode}};
  }
};
BERTH_EXPORT_MODEL(Crasher)
