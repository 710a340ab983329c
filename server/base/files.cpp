// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "base/unique_fd.h"

namespace berth {
namespace {

constexpr std::size_t kBlockBytes = 32UL * 1024;

std::string last_problem() { return std::generic_category().message(errno); }

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kMiB = 1024UL * 1024;
  return bytes % kMiB == 0 ? std::to_string(bytes / kMiB) + " MiB" : std::to_string(bytes) + " bytes";
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::write(fd, bytes.data(), bytes.size());
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file, std::uint64_t max_bytes, std::string_view name) {
  const auto failed = [&](Code code, const std::string& why) {
    return failure(code, (name.empty() ? file.string() : std::string(name)).append(": ").append(why));
  };
  const auto too_large = [&] { return failed(Code::too_large, "it is larger than " + size_text(max_bytes)); };
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // nobody waits for a pipe's other end
  struct stat found {};
  if (!fd || ::fstat(fd.get(), &found) != 0) {
    return failed(errno == ENOENT ? Code::not_found : Code::unavailable, last_problem());
  }
  if (S_ISDIR(found.st_mode)) return failed(Code::unavailable, "it is a folder");
  if (!S_ISREG(found.st_mode)) return failed(Code::unavailable, "it is no regular file");
  const auto size = static_cast<std::uint64_t>(found.st_size);
  if (size > max_bytes) return too_large();
  std::string text;
  text.reserve(size);
  std::array<char, kBlockBytes> block;
  for (;;) {
    const auto got = ::read(fd.get(), block.data(), block.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(Code::unavailable, last_problem());
    // It may grow meanwhile.
    if (text.size() + static_cast<std::size_t>(got) > max_bytes) return too_large();
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

bool sync_folder_of(const std::filesystem::path& path) {
  const auto parent = path.parent_path();
  const UniqueFd folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder && ::fsync(folder.get()) == 0;
}

Result<> replace_file(const std::filesystem::path& file, std::string_view bytes, const WriteOptions& options) {
  auto beside = file;
  beside += ".new";
  UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, options.mode));
  const auto failed = [&] {
    return failure(Code::unavailable, "cannot write " + file.string() + ": " + last_problem());
  };
  if (!fd) return failed();
  if (!write_all(fd.get(), bytes) || (options.durable && ::fsync(fd.get()) != 0) ||
      ::rename(beside.c_str(), file.c_str()) != 0) {
    auto error = failed();
    ::unlink(beside.c_str());
    return error;
  }
  if (options.durable && !sync_folder_of(file)) return failed();
  return {};
}

}  // namespace berth
