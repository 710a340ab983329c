// SPDX-License-Identifier: Apache-2.0
#include "hosting/usage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "base/unique_fd.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 4096;
constexpr std::uint64_t kBlockBytes = 512;  // of st_blocks, whatever the file system's are

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

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (++files > kMaxFiles) return std::numeric_limits<std::uint64_t>::max();
    struct stat found {};
    // Its space, not its size: a file may have holes.
    if (::lstat(entry->path().c_str(), &found) == 0) bytes += static_cast<std::uint64_t>(found.st_blocks) * kBlockBytes;
  }
  return bytes;
}

}  // namespace berth::hosting
