// SPDX-License-Identifier: Apache-2.0
// SharedMemory: the mapping between the server and one worker, and the regions that it is cut into.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::worker {

// A run of shared memory. The writing side fills it from its start and empties it as a whole; the reading side looks
// things up by offset and size, which it does not trust.
class Region {
 public:
  Region() = default;
  Region(char* base, std::size_t size) : base_(base), size_(size) {}

  static constexpr std::size_t kAlignment = 64;  // of everything that is put: tensors are read in place

  // Copies `bytes` in and returns where they lie; nothing where there is no room.
  std::optional<std::size_t> put(std::string_view bytes);
  // The bytes there; nothing where they are not wholly inside.
  std::optional<std::string_view> at(std::uint64_t offset, std::uint64_t size) const;

  void clear() { used_ = 0; }
  std::size_t used() const { return used_; }
  std::size_t size() const { return size_; }
  char* data() const { return base_; }
  // Gives the pages above `kept` back to the system, on both sides. They read as zero from then on.
  void give_back(std::size_t kept);
  // How far it was ever filled since the last give_back.
  std::size_t high_water() const { return high_water_; }
  void note_use(std::size_t end) { high_water_ = end > high_water_ ? end : high_water_; }

 private:
  char* base_ = nullptr;
  std::size_t size_ = 0;
  std::size_t used_ = 0;
  std::size_t high_water_ = 0;
};

struct RegionSizes {
  std::uint64_t request = 0;   // written by the server: the calls
  std::uint64_t fetch = 0;     // written by the server: answers to fetches, one at a time
  std::uint64_t response = 0;  // written by the worker
  std::uint64_t crash = 0;     // written by the worker: a CrashRecord, or nothing
};

class SharedMemory {
 public:
  // [server] Makes a sparse memfd whose size is sealed, so that the worker cannot shrink it under the server's reads.
  static Result<SharedMemory> create(const RegionSizes& sizes);
  // [worker] Maps what the server made.
  static Result<SharedMemory> open(UniqueFd fd);

  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  // For the worker to inherit; close_fd() once it was started.
  int fd() const { return fd_.get(); }
  void close_fd() { fd_.reset(); }

  Region& request() { return request_; }
  Region& fetch() { return fetch_; }
  Region& response() { return response_; }
  Region& crash() { return crash_; }
  std::size_t request_high_water() const { return request_.high_water(); }
  std::size_t response_high_water() const { return response_.high_water(); }

  // The plugin's stop flag: set by the server, read by the worker.
  void request_stop() { stop().store(1, std::memory_order_relaxed); }
  bool stop_requested() const { return stop().load(std::memory_order_relaxed) != 0; }

 private:
  struct Header;
  std::atomic<std::uint32_t>& stop() const;
  Result<> map(std::size_t bytes);
  void cut(const RegionSizes& sizes);

  UniqueFd fd_;
  void* base_ = nullptr;
  std::size_t bytes_ = 0;
  Region request_;
  Region fetch_;
  Region response_;
  Region crash_;
};

}  // namespace berth::worker
