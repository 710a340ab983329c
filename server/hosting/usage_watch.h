// SPDX-License-Identifier: Apache-2.0
// UsageWatch: the limits of a worker that no kernel keeps: memory, threads, its scratch folder, CPU time a call.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "hosting/model.h"
#include "hosting/usage.h"

namespace berth::hosting {

// Looked at so often, a worker is beyond a limit no longer than that. [loop]
class UsageWatch {
 public:
  static constexpr std::chrono::milliseconds kEvery{250};

  // `shared_bytes`: of the memory that it shares with the server, which counts as its own and may be full.
  UsageWatch(const WorkerLimits& limits, std::uint64_t shared_bytes) : limits_(limits), shared_bytes_(shared_bytes) {}

  // The first limit that the worker is beyond, for whoever waits for its answers: timeout = CPU time, internal = any
  // other. `call`: the number of the one that it is at, 0 = none; its CPU time counts from the first look at it.
  // `scratch` takes longer and is looked at each fourth time; where what is in it cannot be told, it is beyond.
  std::optional<Error> look(const Usage& usage, const std::filesystem::path& scratch, std::uint64_t call);

 private:
  bool is_too_large(const std::filesystem::path& scratch) const;

  const WorkerLimits limits_;
  const std::uint64_t shared_bytes_;
  unsigned looks_ = 0;
  std::uint64_t call_ = 0;
  std::chrono::nanoseconds cpu_before_call_{0};
};

}  // namespace berth::hosting
