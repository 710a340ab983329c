// SPDX-License-Identifier: Apache-2.0
// Exposition: what the server tells Prometheus of its models, their workers and itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hosting/registry.h"

namespace berth::metrics {

inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

// What a server counts besides its models.
struct ServerFigures {
  std::size_t connections = 0;
  std::size_t requests_in_flight = 0;
  std::size_t body_bytes = 0;
  std::size_t answer_bytes = 0;  // that clients have not taken yet
  std::uint64_t requests = 0;
  std::uint64_t records_lost = 0;
};

// Prometheus' text format 0.0.4; docs/metrics.md lists the families. Looks into /proc for each worker. [any]
std::string exposition(const std::vector<hosting::Listing>& models, const ServerFigures& figures);

}  // namespace berth::metrics
