// SPDX-License-Identifier: Apache-2.0
#include "worker/landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace berth::worker {
namespace {

// As in linux/landlock.h, of which the oldest system that builds this knows but a part.
constexpr std::uint64_t kExecute = 1U << 0, kWriteFile = 1U << 1, kReadFile = 1U << 2, kReadDir = 1U << 3,
                        kRemoveDir = 1U << 4, kRemoveFile = 1U << 5, kMakeChar = 1U << 6, kMakeDir = 1U << 7,
                        kMakeReg = 1U << 8, kMakeSock = 1U << 9, kMakeFifo = 1U << 10, kMakeBlock = 1U << 11,
                        kMakeSym = 1U << 12, kRefer = 1U << 13, kTruncate = 1U << 14, kIoctlDevice = 1U << 15;
constexpr std::uint64_t kBindTcp = 1U << 0, kConnectTcp = 1U << 1;
constexpr std::uint64_t kAbstractSockets = 1U << 0, kSignals = 1U << 1;
constexpr std::uint64_t kOfAFile = kExecute | kWriteFile | kReadFile | kTruncate | kIoctlDevice;

constexpr unsigned kTellVersion = 1;
constexpr int kPathBeneath = 1;

struct RulesetAttributes {
  std::uint64_t files, ports, scoped;
};
struct [[gnu::packed]] PathAttributes {
  std::uint64_t allowed;
  std::int32_t parent;
};

}  // namespace

int landlock_abi() {
  const auto abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kTellVersion);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

LandlockAccess landlock_access(int abi, bool network) {
  LandlockAccess access;
  access.files = kExecute | kWriteFile | kReadFile | kReadDir | kRemoveDir | kRemoveFile | kMakeChar | kMakeDir |
                 kMakeReg | kMakeSock | kMakeFifo | kMakeBlock | kMakeSym;
  if (abi >= 2) access.files |= kRefer;
  if (abi >= 3) access.files |= kTruncate;
  if (abi >= 5) access.files |= kIoctlDevice;
  if (abi >= 4 && !network) access.ports = kBindTcp | kConnectTcp;
  if (abi >= 6) access.scoped = kAbstractSockets | kSignals;
  access.reading = kReadFile | kReadDir;
  access.running = access.reading | kExecute;
  access.writing = access.files & (access.reading | kWriteFile | kRemoveDir | kRemoveFile | kMakeDir | kMakeReg |
                                   kMakeFifo | kMakeSym | kRefer | kTruncate);
  access.device = access.files & (kReadFile | kWriteFile | kReadDir | kIoctlDevice);
  return access;
}

Result<LandlockRules> LandlockRules::create(const LandlockAccess& access) {
  const RulesetAttributes attributes{access.files, access.ports, access.scoped};
  // An older kernel takes a shorter structure, and a longer one too where what it does not know is zero.
  UniqueFd fd(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
  if (!fd) return failure(Code::unavailable, std::string("landlock_create_ruleset: ") + std::strerror(errno));
  return LandlockRules(std::move(fd), access.files);
}

bool LandlockRules::allow(const std::string& path, std::uint64_t files) {
  const UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return errno == ENOENT || errno == ENOTDIR;
  struct stat found {};
  if (::fstat(place.get(), &found) != 0) return false;
  if (!S_ISDIR(found.st_mode)) files &= kOfAFile;
  const PathAttributes rule{files & handled_, place.get()};
  return ::syscall(SYS_landlock_add_rule, fd_.get(), kPathBeneath, &rule, 0) == 0;
}

Result<> LandlockRules::enforce() const {
  if (::syscall(SYS_landlock_restrict_self, fd_.get(), 0) == 0) return {};
  return failure(Code::unavailable, std::string("landlock_restrict_self: ") + std::strerror(errno));
}

}  // namespace berth::worker
