// SPDX-License-Identifier: Apache-2.0
#include "hosting/usage.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace berth::hosting {
namespace {

// "RssAnon:\t   123 kB" of /proc/<pid>/status; 0 where there is none.
std::uint64_t number_at(std::string_view status, std::string_view key) {
  const auto line = status.find(key);
  if (line == std::string_view::npos) return 0;
  const auto digits = status.find_first_of("0123456789", line + key.size());
  if (digits == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  std::from_chars(status.data() + digits, status.data() + status.size(), value);
  return value;
}

}  // namespace

std::optional<Usage> usage_of(int pid) {
  const UniqueFd file(::open(("/proc/" + std::to_string(pid) + "/status").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::array<char, 4096> buffer;
  const auto size = ::read(file.get(), buffer.data(), buffer.size());
  clockid_t clock{};
  timespec time{};
  if (size <= 0 || ::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return std::nullopt;
  const std::string_view status(buffer.data(), static_cast<std::size_t>(size));
  constexpr std::uint64_t kKiB = 1024;
  return Usage{.memory_bytes = (number_at(status, "\nRssAnon:") + number_at(status, "\nRssShmem:")) * kKiB,
               .threads = number_at(status, "\nThreads:"),
               .cpu = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)};
}

}  // namespace berth::hosting
