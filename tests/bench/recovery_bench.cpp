// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stop_token>
#include <thread>

#include "base/json.h"
#include "bench/benches.h"
#include "bench/load.h"
#include "support/server_process.h"

namespace berth::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double kCallsPerSecond = 50;

// The one worker of the only model; 0 while there is none that serves.
pid_t worker_of(test::HttpClient& client) {
  const auto listed = json::parse(client.get("/v2/berth/models").body);
  if (!listed || !listed->IsArray() || listed->Empty()) return 0;
  const auto* workers = json::find((*listed)[0], "workers");
  if (workers == nullptr || workers->Empty() || json::text_at((*workers)[0], "state") == "starting") return 0;
  return static_cast<pid_t>((*workers)[0]["pid"].GetInt());
}

// Milliseconds from the end of the worker to the answer of a call that is sent then.
double recover(test::HttpClient& admin, test::HttpClient& caller, const std::string& request) {
  pid_t worker = 0;
  while (worker == 0) worker = worker_of(admin);
  const auto killed = Clock::now();
  if (::kill(worker, SIGSEGV) != 0) return 0;
  while (caller.exchange(request).status != 200) {
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - killed).count();
}

}  // namespace

void bench_recovery(Table& table, const Effort& effort) {
  const std::filesystem::path models = BERTH_MODELS_DIR;
  const auto [body, type] = test::multipart({{.name = "data",
                                              .content = test::read_file(models / "digits/samples/digit-3.png"),
                                              .file_name = "image",
                                              .content_type = "image/png"}});
  const auto request = test::HttpClient::format("POST", "/v2/models/digits/predict", {{"Content-Type", type}}, body);
  const test::ServerProcess server(
      {.plugins = {std::string(BERTH_PLUGINS_DIR) + "/image_classifier.so"}, .models_dir = models});
  auto admin = server.admin(), caller = server.client();
  std::vector<double> taken;
  {
    const std::jthread others([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        run_load(server.port(), request, 2, std::chrono::milliseconds(effort.round_ms), kCallsPerSecond);
      }
    });
    for (int i = 0; i < effort.rounds * 20; ++i) taken.push_back(recover(admin, caller, request));
  }
  const auto row = [&](const char* what, double fraction, const char* bar) {
    table.add({what, with_unit(quantile(taken, fraction), 0, "ms"), "", "", bar});
  };
  row("digits, from its worker's SIGSEGV to the next good answer, p50", 0.5, "");
  row("the same, p99", 0.99, "≤ 1 s");
  row("the same, the slowest", 1, "≤ 1 s");
}

}  // namespace berth::bench
