// SPDX-License-Identifier: Apache-2.0
// Host: what a plugin may ask of the server, carried over the worker's side socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/rate_bound.h"
#include "berth/abi.h"
#include "worker/channel.h"
#include "worker/memory.h"
#include "worker/protocol.h"

namespace berth::worker {

// Absolute; the last two of a worker that trains alone.
struct Folders {
  std::string scratch, new_package, data;
};

// Its functions may be called from any thread of the plugin. Fetches of one worker run one after another.
class Host {
 public:
  Host(int side_socket, SharedMemory& memory, Folders folders);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const berth_host* abi() const { return &abi_; }

  // Between these two, what the plugin logs carries the calls' ids; when they end, figures that were held back go out.
  void begin_calls(const std::vector<CallView>& calls);
  void end_calls();
  // Sends what was held back of the progress; called when a training returned.
  void flush_progress();

 private:
  using Clock = std::chrono::steady_clock;
  struct Figure {
    std::uint32_t kind = 0;  // a berth_metric_kind
    double value = 0;
  };
  static Host& self(const berth_host* host) { return *static_cast<Host*>(host->context); }
  static void on_log(const berth_host* host, uint32_t level, berth_text message);
  static void on_fetch(const berth_host* host, berth_text url, const berth_result* result);
  static void on_progress(const berth_host* host, double fraction, berth_text details);
  static int32_t on_stop_requested(const berth_host* host);
  static void on_metric(const berth_host* host, uint32_t kind, berth_text name, double value);

  void log(std::uint32_t level, std::string_view message);
  void fetch(std::string_view url, const berth_result* result);
  void progress(double fraction, std::string_view details);
  void metric(std::uint32_t kind, std::string_view name, double value);
  void flush_metrics();

  const int side_;
  SharedMemory& memory_;
  const Folders folders_;
  berth_host abi_;

  Mutex fetch_mutex_;  // held over the round trip: the fetch region holds one answer
  Packet fetch_packet_ BERTH_GUARDED_BY(fetch_mutex_);
  std::uint64_t next_fetch_ BERTH_GUARDED_BY(fetch_mutex_) = 1;

  Mutex mutex_;
  std::string request_ids_ BERTH_GUARDED_BY(mutex_);  // of the calls that run, joined by commas
  RateBound log_rate_ BERTH_GUARDED_BY(mutex_);
  RateBound metric_rate_ BERTH_GUARDED_BY(mutex_);
  std::map<std::string, Figure, std::less<>> held_ BERTH_GUARDED_BY(mutex_);  // figures that were not sent yet
  Clock::time_point last_progress_ BERTH_GUARDED_BY(mutex_){};
  bool progress_held_ BERTH_GUARDED_BY(mutex_) = false;
  double fraction_ BERTH_GUARDED_BY(mutex_) = 0;
  std::string details_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::worker
