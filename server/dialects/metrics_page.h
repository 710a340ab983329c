// SPDX-License-Identifier: Apache-2.0
// MetricsPage: what Prometheus reads.
#pragma once

#include <functional>

#include "core/service.h"
#include "http/router.h"
#include "metrics/exposition.h"

namespace berth::dialects {

// Adds GET /metrics; see docs/metrics.md. For viewers and admins. The service must outlive the router.
void add_metrics_page(http::Router& router, core::Service& service, std::function<metrics::ServerFigures()> network);

}  // namespace berth::dialects
