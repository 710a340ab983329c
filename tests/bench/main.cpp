// SPDX-License-Identifier: Apache-2.0
// berth-bench [--quick]: measures, in one run and in turns, and prints a table for docs/performance.md.
#include <cstdio>
#include <cstring>

#include "base/log.h"
#include "bench/benches.h"

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const berth::bench::Effort effort =
      quick ? berth::bench::Effort{.rounds = 2, .round_ms = 200} : berth::bench::Effort{};
  berth::log::open(berth::log::Level::error, berth::log::Format::text);
  berth::bench::Table table;
  berth::bench::bench_hop(table, effort);
  berth::bench::bench_http(table, effort);
#ifdef BERTH_BENCH_IMAGES
  berth::bench::bench_images(table, effort);
#endif
  std::fputs(table.to_markdown().c_str(), stdout);
}
