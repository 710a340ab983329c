// SPDX-License-Identifier: Apache-2.0
#include "bench/load.h"

#include <algorithm>
#include <thread>

#include "support/http_client.h"

namespace berth::bench {

namespace {

using Clock = std::chrono::steady_clock;

// One connection. `pause` between the times at which its requests are due; 0: as soon as it has the answer before.
void keep_asking(LoadResult& part, std::uint16_t port, const std::string& request, Clock::time_point due,
                 Clock::time_point deadline, Clock::duration pause) {
  test::HttpClient client(port);
  while (true) {
    if (pause.count() > 0) std::this_thread::sleep_until(due);
    const auto sent = pause.count() > 0 ? due : Clock::now();
    if (sent >= deadline) return;
    const auto answer = client.exchange(request);
    ++(answer.status == 200 ? part.answers : part.failures);
    part.microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - sent).count());
    due += pause;
  }
}

}  // namespace

LoadResult run_load(std::uint16_t port, const std::string& request, std::size_t connections,
                    std::chrono::milliseconds duration, double per_second) {
  std::vector<LoadResult> parts(connections);
  const auto started = Clock::now();
  const auto between =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(per_second > 0 ? 1 / per_second : 0));
  {
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < connections; ++i) {
      const auto due = started + between * static_cast<Clock::rep>(i);
      clients.emplace_back([&part = parts[i], port, &request, due, deadline = started + duration,
                            pause = between * static_cast<Clock::rep>(connections)] {
        keep_asking(part, port, request, due, deadline, pause);
      });
    }
  }
  LoadResult whole;
  whole.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  for (const auto& part : parts) {
    whole.answers += part.answers;
    whole.failures += part.failures;
    whole.microseconds.insert(whole.microseconds.end(), part.microseconds.begin(), part.microseconds.end());
  }
  return whole;
}

double quantile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

}  // namespace berth::bench
