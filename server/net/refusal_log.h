// SPDX-License-Identifier: Apache-2.0
// RefusalLog: what the network layer itself refused, a line each with the request's id, so many a second.
#pragma once

#include <string_view>

#include "base/rate_bound.h"
#include "net/refusal.h"

namespace berth::net {

// One for each I/O thread, so that a flood of refusals fills no disk. [io]
class RefusalLog {
 public:
  static constexpr unsigned kLinesPerSecond = 20;

  void write(const Refusal& refusal, std::string_view request_id, std::string_view peer);
  // Says how many were left out, once the second is over in which they were.
  void tell_omitted();

 private:
  RateBound rate_{kLinesPerSecond};
};

}  // namespace berth::net
