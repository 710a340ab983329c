// SPDX-License-Identifier: Apache-2.0
// CrashRecord: what a dying worker leaves of its end, in memory that it shares with the server.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace berth::worker {

// What the worker's own thread was at.
enum class Doing : std::uint32_t {
  starting,
  opening,  // the plugin's initialisers run
  create,
  warm,
  describing,
  idle,
  predict_data,
  predict_url,
  predict_batch,
  train,
  destroy,
};

// Written by the worker alone, in signal handlers too; whatever the plugin made of it is what the server reads, once
// the worker is gone, from a copy. Zero throughout is a record in which nothing happened.
struct CrashRecord {
  static constexpr std::size_t kMaxFrames = 96;
  static constexpr std::size_t kMaxWhat = 1024;
  static constexpr std::size_t kMaxMaps = 512UL * 1024;
  enum State : std::uint32_t { empty, being_written, complete };
  enum Kind : std::uint32_t { none, signal, exit, asked };

  std::atomic<std::uint32_t> doing;  // a Doing
  std::atomic<std::uint32_t> state;
  std::uint32_t kind;
  std::int32_t number;   // the signal, or what exit was given
  std::int32_t code;     // si_code
  std::int32_t is_sent;  // by a process, so that there is no address
  std::int32_t sender;   // that process; 0: itself
  std::uint64_t address;
  std::uint64_t pc, stack_pointer;
  char thread[16];
  char what[kMaxWhat];  // an exception that nobody caught, or what the worker itself has to say of its end
  std::uint64_t frame_count;
  std::uint64_t frames[kMaxFrames];  // innermost first; all but pc are return addresses
  std::uint64_t maps_size;
  char maps[kMaxMaps];  // the lines of /proc/self/maps that name a file
};

}  // namespace berth::worker
