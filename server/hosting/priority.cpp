// SPDX-License-Identifier: Apache-2.0
#include "hosting/priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr int kLowest = 19;
constexpr int kMaxPasses = 100;  // over threads that start while they are looked at

// The server's own; a thread of it may have others.
int usual_niceness() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid())); }
int usual_policy() { return std::max(::sched_getscheduler(::getpid()), 0); }

bool set_policy(int thread, int policy) {
  const sched_param no_priority{};
  return ::sched_setscheduler(thread, policy, &no_priority) == 0;
}

std::vector<int> numbers_in(const fs::path& file_or_folder) {
  std::vector<int> numbers;
  std::error_code error;
  if (fs::is_directory(file_or_folder, error)) {
    for (fs::directory_iterator entry(file_or_folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
      numbers.push_back(std::atoi(entry->path().filename().c_str()));
    }
    return numbers;
  }
  std::ifstream stream(file_or_folder);
  for (int number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

// Every thread of a process and of those that it started. Whether one was found that had another policy.
bool set_policy_of_all(int pid, int policy) {
  bool changed = false;
  const auto folder = fs::path("/proc") / std::to_string(pid) / "task";
  for (const int thread : numbers_in(folder)) {
    if (::sched_getscheduler(thread) != policy) changed = set_policy(thread, policy) || changed;
    for (const int child : numbers_in(folder / std::to_string(thread) / "children")) {
      changed = set_policy_of_all(child, policy) || changed;
    }
  }
  return changed;
}

}  // namespace

void yield_processor(int pid) { set_policy_of_all(pid, SCHED_IDLE); }

void take_processor(int pid) {
  // A thread that starts meanwhile has the policy of the one that starts it.
  for (int passes = 0; passes < kMaxPasses && set_policy_of_all(pid, usual_policy()); ++passes) {
  }
}

bool is_starving(int pid) {
  constexpr std::int64_t kMuch = 4;
  constexpr std::int64_t kWorthMentioning = 50'000'000;  // ns
  // Of its first thread: how long it ran and how long it waited to run, in nanoseconds.
  std::ifstream stream("/proc/" + std::to_string(pid) + "/schedstat");
  std::int64_t ran = 0, waited = 0;
  return stream >> ran >> waited && waited > kWorthMentioning && waited > kMuch * ran;
}

bool can_take_processor() {
  bool can = false;
  // Linux keeps it by thread: one of its own tries it.
  std::jthread([&can] { can = set_policy(0, SCHED_IDLE) && set_policy(0, usual_policy()); }).join();
  return can;
}

void lower_own_priority(int by) { (void)::setpriority(PRIO_PROCESS, 0, std::min(usual_niceness() + by, kLowest)); }

}  // namespace berth::hosting
