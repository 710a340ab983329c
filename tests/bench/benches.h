// SPDX-License-Identifier: Apache-2.0
// The benchmarks; each measures its sides in turns within one run and adds its rows.
#pragma once

#include "bench/table.h"

namespace berth::bench {

// How much of everything: 1 = some seconds each.
struct Effort {
  int rounds = 5;
  int round_ms = 1000;
};

void bench_hop(Table& table, const Effort& effort);       // the worker hop at 0, 150 KB and 4 MB
void bench_http(Table& table, const Effort& effort);      // echo over HTTP against the network layer alone; idle memory
void bench_images(Table& table, const Effort& effort);    // digits and resnet18 over HTTP against a bare loop
void bench_exchange(Table& table, const Effort& effort);  // p99 while code and packages are exchanged against steady
void bench_records(Table& table, const Effort& effort);   // calls on record against calls that are not
void bench_pages(Table& table, const Effort& effort);     // pages of 1 M records, or of $BERTH_BENCH_RECORDS
void bench_identity(Table& table, const Effort& effort);  // who calls, by key and by token
void bench_recovery(Table& table, const Effort& effort);  // how long after a worker's crash its model serves again

}  // namespace berth::bench
