// SPDX-License-Identifier: Apache-2.0
#include "worker/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace berth::worker {
namespace {

constexpr std::size_t kPage = 4096;

std::size_t round_up(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

tl::unexpected<Error> system_failure(std::string_view what) {
  return failure(Code::unavailable, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

// Lies at the start of the mapping. The server writes the sizes once and never reads them again.
struct SharedMemory::Header {
  RegionSizes sizes;
  std::atomic<std::uint32_t> stop;
};

std::optional<std::size_t> Region::put(std::string_view bytes) {
  const std::size_t offset = round_up(used_, kAlignment);
  if (offset > size_ || bytes.size() > size_ - offset) return std::nullopt;
  if (!bytes.empty()) std::memcpy(base_ + offset, bytes.data(), bytes.size());
  used_ = offset + bytes.size();
  note_use(used_);
  return offset;
}

std::optional<std::string_view> Region::at(std::uint64_t offset, std::uint64_t size) const {
  if (offset > size_ || size > size_ - offset) return std::nullopt;
  return std::string_view(base_ + offset, size);
}

void Region::give_back(std::size_t kept) {
  const std::size_t start = round_up(kept, kPage);
  if (start < size_) ::madvise(base_ + start, size_ - start, MADV_REMOVE);
  high_water_ = std::min(high_water_, kept);
}

Result<SharedMemory> SharedMemory::create(const RegionSizes& sizes) {
  SharedMemory memory;
  memory.fd_.reset(::memfd_create("berth-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.fd_) return system_failure("cannot make shared memory");
  const RegionSizes whole{round_up(sizes.request, kPage), round_up(sizes.fetch, kPage), round_up(sizes.response, kPage),
                          round_up(sizes.crash, kPage)};
  const std::size_t bytes = kPage + whole.request + whole.fetch + whole.response + whole.crash;
  if (::ftruncate(memory.fd_.get(), static_cast<off_t>(bytes)) != 0 ||
      ::fcntl(memory.fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return system_failure("cannot size shared memory");
  }
  if (auto mapped = memory.map(bytes); !mapped) return failure(mapped.error());
  static_cast<Header*>(memory.base_)->sizes = whole;
  memory.cut(whole);
  return memory;
}

Result<SharedMemory> SharedMemory::open(UniqueFd fd) {
  SharedMemory memory;
  memory.fd_ = std::move(fd);
  struct stat status {};
  if (::fstat(memory.fd_.get(), &status) != 0) return system_failure("cannot read shared memory's size");
  if (auto mapped = memory.map(static_cast<std::size_t>(status.st_size)); !mapped) return failure(mapped.error());
  memory.cut(static_cast<Header*>(memory.base_)->sizes);
  memory.close_fd();
  return memory;
}

Result<> SharedMemory::map(std::size_t bytes) {
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd_.get(), 0);
  if (base == MAP_FAILED) return system_failure("cannot map shared memory");
  base_ = base;
  bytes_ = bytes;
  return {};
}

void SharedMemory::cut(const RegionSizes& sizes) {
  char* start = static_cast<char*>(base_) + kPage;
  request_ = Region(start, sizes.request);
  fetch_ = Region(start + sizes.request, sizes.fetch);
  response_ = Region(start + sizes.request + sizes.fetch, sizes.response);
  crash_ = Region(start + sizes.request + sizes.fetch + sizes.response, sizes.crash);
}

std::atomic<std::uint32_t>& SharedMemory::stop() const { return static_cast<Header*>(base_)->stop; }

SharedMemory::SharedMemory(SharedMemory&& other) noexcept { *this = std::move(other); }

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  if (this == &other) return *this;
  if (base_ != nullptr) ::munmap(base_, bytes_);
  fd_ = std::move(other.fd_);
  base_ = std::exchange(other.base_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  request_ = std::exchange(other.request_, Region());
  fetch_ = std::exchange(other.fetch_, Region());
  response_ = std::exchange(other.response_, Region());
  crash_ = std::exchange(other.crash_, Region());
  return *this;
}

SharedMemory::~SharedMemory() {
  if (base_ != nullptr) ::munmap(base_, bytes_);
}

}  // namespace berth::worker
