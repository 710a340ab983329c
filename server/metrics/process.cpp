// SPDX-License-Identifier: Apache-2.0
#include "metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "hosting/usage.h"

namespace berth::metrics {
namespace {

// proc(5): the second number of statm, in pages.
std::optional<double> resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  if (!(file >> size >> resident)) return std::nullopt;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// proc(5): the 22nd field of stat, in clock ticks since the system started. The second is a name in brackets, which may
// hold anything; what follows is numbers, but for the first.
std::optional<double> ticks_at_start() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int number = 3; number < 22; ++number) fields >> skipped;
  double ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  return ticks;
}

// proc(5): "btime <seconds since 1970>", the same at each look.
std::optional<double> start_time() {
  const auto ticks = ticks_at_start();
  std::ifstream file("/proc/stat");
  for (std::string line; ticks && std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    double booted = 0;
    if (words >> key >> booted && key == "btime") {
      return booted + *ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
  }
  return std::nullopt;
}

std::optional<double> open_files() {
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator file("/proc/self/fd", error), end; !error && file != end;
       file.increment(error)) {
    ++count;
  }
  if (error || count == 0) return std::nullopt;
  return static_cast<double>(count - 1);  // less the one that looks
}

std::optional<double> max_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  if (limit.rlim_cur == RLIM_INFINITY) return std::numeric_limits<double>::infinity();
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

void add_process(Families& families) {
  if (const auto usage = hosting::usage_of(::getpid())) {
    families.add_counter("process_cpu_seconds_total", "Processor time of the server, without its workers", {},
                         std::chrono::duration<double>(usage->cpu).count());
    families.add_gauge("process_threads", "Threads of the server", {}, static_cast<double>(usage->threads));
  }
  const auto add = [&](const char* name, const char* help, std::optional<double> value) {
    if (value) families.add_gauge(name, help, {}, *value);
  };
  add("process_resident_memory_bytes", "Memory of the server, without its workers", resident_bytes());
  add("process_start_time_seconds", "When the server started, in seconds since 1970", start_time());
  add("process_open_fds", "Descriptors that are open", open_files());
  add("process_max_fds", "Descriptors that may be open", max_files());
}

}  // namespace berth::metrics
