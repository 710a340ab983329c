// SPDX-License-Identifier: Apache-2.0
// The server's own process, under the names that Prometheus' clients agree on.
#pragma once

#include "metrics/family.h"

namespace berth::metrics {

// process_cpu_seconds_total, process_resident_memory_bytes, process_start_time_seconds, process_open_fds,
// process_max_fds, process_threads; see https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
// What /proc does not tell is left out. [any]
void add_process(Families& families);

}  // namespace berth::metrics
