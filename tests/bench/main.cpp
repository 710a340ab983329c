// SPDX-License-Identifier: Apache-2.0
// berth-bench [--quick] [NAME…]: measures, in one run and in turns, and prints a table for docs/performance.md.
#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "bench/benches.h"

namespace {

struct Bench {
  std::string_view name;
  void (*run)(berth::bench::Table&, const berth::bench::Effort&);
};
constexpr Bench kBenches[] = {
    {"hop", berth::bench::bench_hop},           {"http", berth::bench::bench_http},
    {"exchange", berth::bench::bench_exchange}, {"records", berth::bench::bench_records},
    {"pages", berth::bench::bench_pages},       {"identity", berth::bench::bench_identity},
#ifdef BERTH_BENCH_IMAGES
    {"recovery", berth::bench::bench_recovery}, {"images", berth::bench::bench_images},
#endif
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> names(argv + 1, argv + argc);
  const bool quick = std::erase(names, "--quick") > 0;
  for (const auto name : names) {
    if (std::ranges::find(kBenches, name, &Bench::name) != std::end(kBenches)) continue;
    std::fprintf(stderr, "there is no benchmark %.*s\n", static_cast<int>(name.size()), name.data());
    return 2;
  }
  const berth::bench::Effort effort =
      quick ? berth::bench::Effort{.rounds = 2, .round_ms = 200} : berth::bench::Effort{};
  berth::log::open(berth::log::Level::error, berth::log::Format::text);
  berth::bench::Table table;
  for (const auto& bench : kBenches) {
    if (names.empty() || std::ranges::find(names, bench.name) != names.end()) bench.run(table, effort);
  }
  std::fputs(table.to_markdown().c_str(), stdout);
}
