// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "bench/benches.h"
#include "bench/load.h"
#include "net/server.h"
#include "support/server_process.h"

namespace berth::bench {

namespace {

constexpr std::size_t kMegabyte = 1024 * 1024;

// The network layer alone: every request is answered at once, on the thread that read it.
std::unique_ptr<net::Server> bare_server() {
  auto made = net::Server::create({.ip = "127.0.0.1", .port = 0, .io_threads = 1, .limits = {}});
  if (!made) return nullptr;
  const auto started = (*made)->start([](http::Request&&, http::Reply&& reply) {
    reply.send(http::Response::json(200, R"({"status":"OK","predictions":{"text":"hello"}})"));
  });
  return started ? std::move(*made) : nullptr;
}

void compare(Table& table, const Effort& effort, std::uint16_t berth_port, std::uint16_t bare_port,
             const std::string& name, const std::string& request, std::size_t connections) {
  std::vector<double> berth_rates, bare_rates, berth_latencies, bare_latencies;
  const std::chrono::milliseconds time{effort.round_ms};
  for (int round = 0; round < effort.rounds; ++round) {
    const auto bare = run_load(bare_port, request, connections, time);
    const auto berth = run_load(berth_port, request, connections, time);
    bare_rates.push_back(bare.per_second());
    berth_rates.push_back(berth.per_second());
    bare_latencies.push_back(median(bare.microseconds));
    berth_latencies.push_back(median(berth.microseconds));
  }
  const auto label = name + ", " + std::to_string(connections) + (connections == 1 ? " connection" : " connections");
  table.add({label + ", answers", with_unit(median(berth_rates), 0, "/s"), with_unit(median(bare_rates), 0, "/s"),
             with_unit(median(berth_rates) / median(bare_rates), 2, ""), ""});
  table.add({label + ", p50", with_unit(median(berth_latencies), 0, "µs"), with_unit(median(bare_latencies), 0, "µs"),
             with_unit(median(berth_latencies) - median(bare_latencies), 0, "µs more"), ""});
}

void add_idle(Table& table, const std::string& what, const test::ServerProcess& server) {
  table.add({"server process, idle, " + what + ", resident",
             with_unit(static_cast<double>(test::resident_bytes(server.pid())) / kMegabyte, 1, "MB"), "", "",
             "≤ 30 MB"});
}

}  // namespace

void bench_http(Table& table, const Effort& effort) {
  const auto bare = bare_server();
  if (!bare) return;
  const test::ServerProcess server({.plugins = {std::string(BERTH_FAKES_DIR) + "/echo.so"}});
  add_idle(table, "with an echo model", server);
#ifdef BERTH_BENCH_IMAGES
  const std::filesystem::path plugins = BERTH_PLUGINS_DIR;
  add_idle(table, "with the sample models",
           test::ServerProcess({.plugins = {plugins / "image_classifier.so", plugins / "tabular_classifier.so"},
                                .models_dir = BERTH_MODELS_DIR}));
#endif

  const auto small = test::HttpClient::format("POST", "/v2/models/echo/predict", {{"Content-Type", "application/json"}},
                                              R"({"text":"hello"})");
  const auto [body, type] = test::multipart(
      {{.name = "data", .content = std::string(150'000, 'x'), .file_name = "x.bin", .content_type = "image/jpeg"}});
  const auto large = test::HttpClient::format("POST", "/v2/models/echo/predict", {{"Content-Type", type}}, body);
  for (const std::size_t connections : {1u, 16u}) {
    compare(table, effort, server.port(), bare->port(), "echo over HTTP against the network layer alone, 16 B", small,
            connections);
  }
  compare(table, effort, server.port(), bare->port(), "the same, an upload of 150 KB", large, 1);
}

}  // namespace berth::bench
