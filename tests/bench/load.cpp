// SPDX-License-Identifier: Apache-2.0
#include "bench/load.h"

#include <algorithm>
#include <thread>

#include "support/http_client.h"

namespace berth::bench {

LoadResult run_load(std::uint16_t port, const std::string& request, std::size_t connections,
                    std::chrono::milliseconds duration) {
  using Clock = std::chrono::steady_clock;
  std::vector<LoadResult> parts(connections);
  const auto started = Clock::now();
  {
    std::vector<std::jthread> clients;
    for (auto& part : parts) {
      clients.emplace_back([&part, port, &request, deadline = started + duration] {
        test::HttpClient client(port);
        while (Clock::now() < deadline) {
          const auto sent = Clock::now();
          const auto answer = client.exchange(request);
          ++(answer.status == 200 ? part.answers : part.failures);
          part.microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - sent).count());
        }
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
