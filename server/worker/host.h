// SPDX-License-Identifier: Apache-2.0
// Host: what a plugin may ask of the server, carried over the worker's side socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "berth/abi.h"
#include "worker/channel.h"
#include "worker/memory.h"

namespace berth::worker {

// Its functions may be called from any thread of the plugin. Fetches of one worker run one after another.
class Host {
 public:
  Host(int side_socket, SharedMemory& memory, std::string scratch_folder);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const berth_host* abi() const { return &abi_; }

  // Sends what was held back of the progress; called when a training returned.
  void flush_progress();

 private:
  using Clock = std::chrono::steady_clock;
  static Host& self(const berth_host* host) { return *static_cast<Host*>(host->context); }
  static void on_log(const berth_host* host, uint32_t level, berth_text message);
  static void on_fetch(const berth_host* host, berth_text url, const berth_result* result);
  static void on_progress(const berth_host* host, double fraction, berth_text details);
  static int32_t on_stop_requested(const berth_host* host);
  static void on_metric(const berth_host* host, uint32_t kind, berth_text name, double value);

  void log(std::uint32_t level, std::string_view message);
  void fetch(std::string_view url, const berth_result* result);
  void progress(double fraction, std::string_view details);
  bool may_log();

  const int side_;
  SharedMemory& memory_;
  const std::string scratch_;
  berth_host abi_;

  Mutex fetch_mutex_;  // held over the round trip: the fetch region holds one answer
  Packet fetch_packet_ BERTH_GUARDED_BY(fetch_mutex_);
  std::uint64_t next_fetch_ BERTH_GUARDED_BY(fetch_mutex_) = 1;

  Mutex mutex_;
  Clock::time_point log_second_ BERTH_GUARDED_BY(mutex_) = Clock::now();
  unsigned logged_ BERTH_GUARDED_BY(mutex_) = 0;
  unsigned dropped_ BERTH_GUARDED_BY(mutex_) = 0;
  Clock::time_point last_progress_ BERTH_GUARDED_BY(mutex_){};
  bool progress_held_ BERTH_GUARDED_BY(mutex_) = false;
  double fraction_ BERTH_GUARDED_BY(mutex_) = 0;
  std::string details_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::worker
