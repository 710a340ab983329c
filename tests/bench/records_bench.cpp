// SPDX-License-Identifier: Apache-2.0
// What it costs to put calls on record, and how long a page of records takes where there are many.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "bench/benches.h"
#include "bench/load.h"
#include "store/database.h"
#include "store/records.h"
#include "support/postgres_server.h"
#include "support/server_process.h"

namespace berth::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBusy = 256;  // connections

struct Side {
  std::string name;
  std::string bar;  // of its throughput
  std::unique_ptr<test::ServerProcess> server;
  std::vector<double> rates = {}, latencies = {};
};

std::unique_ptr<test::ServerProcess> server_with(const std::string& mode, const std::string& url = {}) {
  std::string config = "defaults: {records: " + mode + "}\n";
  if (!url.empty()) config += "store: {url: \"" + url + "\"}\n";
  return std::make_unique<test::ServerProcess>(test::ServerProcess::Options{
      .plugins = {std::string(BERTH_FAKES_DIR) + "/echo.so"}, .config = std::move(config)});
}

// The first side is the one that the others are compared with.
// The bars are for a server that is busy: what waits for the disk then waits together.
void compare(Table& table, const Effort& effort, std::vector<Side>& sides, std::size_t connections) {
  const auto request = test::HttpClient::format("POST", "/v2/models/echo/predict",
                                                {{"Content-Type", "application/json"}}, R"({"text":"hello"})");
  const std::chrono::milliseconds time{effort.round_ms};
  for (auto& side : sides) side.rates.clear(), side.latencies.clear();
  for (int round = 0; round < effort.rounds; ++round) {
    for (auto& side : sides) {
      const auto load = run_load(side.server->port(), request, connections, time);
      if (load.failures > 0) std::fprintf(stderr, "%s: %zu failures\n", side.name.c_str(), load.failures);
      side.rates.push_back(load.per_second());
      side.latencies.push_back(median(load.microseconds));
    }
  }
  const auto& off = sides.front();
  for (std::size_t i = 1; i < sides.size(); ++i) {
    const auto& side = sides[i];
    const auto label = "echo with " + side.name + " against without, " + std::to_string(connections) +
                       (connections == 1 ? " connection" : " connections");
    table.add({label + ", answers", with_unit(median(side.rates), 0, "/s"), with_unit(median(off.rates), 0, "/s"),
               with_unit(median(side.rates) / median(off.rates), 2, ""), connections < kBusy ? "" : side.bar});
    table.add({label + ", p50", with_unit(median(side.latencies), 0, "µs"), with_unit(median(off.latencies), 0, "µs"),
               with_unit((median(side.latencies) - median(off.latencies)) / 1000, 2, "ms more"),
               connections == 1 && !side.bar.empty() ? "≤ 3 ms more" : ""});
  }
}

constexpr std::int64_t kFirst = 1'700'000'000'000'000;

// `count` records of a hundred users and three models; one in a thousand failed.
Result<> fill(store::Database& database, std::int64_t count) {
  constexpr std::int64_t kAtOnce = 10'000;
  for (std::int64_t begin = 0; begin < count; begin += kAtOnce) {
    std::vector<store::RequestRow> requests;
    std::vector<store::ResponseRow> responses;
    for (auto i = begin; i < begin + kAtOnce; ++i) {
      requests.push_back({.id = kFirst + i,
                          .user_id = i % 100 + 1,
                          .principal = "user",
                          .dialect = "deepaas-v2",
                          .model = "model " + std::to_string(i % 3),
                          .version = "1",
                          .method = "predict_data",
                          .input_json = R"({"args":{"text":"hello"}})"});
      responses.push_back({.request_id = kFirst + i, .status = i % 1000 == 0 ? "timeout" : "ok", .total_us = 100});
    }
    std::vector<const store::RequestRow*> all_requests;
    std::vector<const store::ResponseRow*> all_responses;
    for (const auto& row : requests) all_requests.push_back(&row);
    for (const auto& row : responses) all_responses.push_back(&row);
    const auto written = database.write([&](soci::session& sql) -> Result<> {
      store::insert(sql, all_requests);
      store::insert(sql, all_responses);
      return {};
    });
    if (!written) return written;
  }
  return {};
}

double milliseconds_of(store::Database& database, const store::RecordQuery& query) {
  const auto began = Clock::now();
  const auto read = database.read([&](soci::session& sql) -> Result<> {
    (void)store::find(sql, query);
    return {};
  });
  if (!read) std::fprintf(stderr, "a page cannot be read\n");
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

void list(Table& table, const Effort& effort, std::int64_t count, const std::string& name, const std::string& url) {
  auto database = store::Database::open({.url = url});
  if (!database || !fill(**database, count)) return;
  const auto page = [&](const char* what, store::RecordQuery query) {
    std::vector<double> taken;
    for (int i = 0; i < effort.rounds * 20; ++i) taken.push_back(milliseconds_of(**database, query));
    table.add({"a page of 100 of " + std::to_string(count) + " records, " + name + ", " + what + ", p50",
               with_unit(median(taken), 2, "ms"), "", "", "≤ 5 ms"});
  };
  page("the newest", {});
  page("in the middle", {.until = kFirst + count / 2});
  page("of one user", {.until = kFirst + count / 2, .user_id = 7});
  page("of one model", {.until = kFirst + count / 2, .model = "model 1"});
  page("those that failed", {.until = kFirst + count / 2, .status = "error"});
  page("of one user, those that failed so", {.user_id = 1, .status = "timeout"});
  page("of one user who has none, those that failed", {.user_id = 7, .status = "error"});
  page("of one user and one model", {.user_id = 7, .model = "model 1"});
}

}  // namespace

void bench_records(Table& table, const Effort& effort) {
  const auto postgres = test::PostgresServer::programs().empty() ? nullptr : std::make_unique<test::PostgresServer>();
  {
    std::vector<Side> sides;
    sides.push_back({"", "", server_with("off")});
    sides.push_back({"async records (SQLite)", "", server_with("async")});
    sides.push_back({"durable records (SQLite)", "≥ 0.85", server_with("durable")});
    if (postgres) {
      sides.push_back({"durable records (PostgreSQL)", "≥ 0.5", server_with("durable", postgres->make_database())});
    }
    for (const std::size_t connections : {std::size_t{1}, std::size_t{64}, kBusy})
      compare(table, effort, sides, connections);
  }
}

void bench_pages(Table& table, const Effort& effort) {
  const char* asked = std::getenv("BERTH_BENCH_RECORDS");
  const std::int64_t count = asked != nullptr ? std::atoll(asked) : effort.rounds > 2 ? 1'000'000 : 50'000;
  const test::TempFolder folder;
  list(table, effort, count, "SQLite", "sqlite:" + (folder / "berth.db").string());
  if (test::PostgresServer::programs().empty()) return;
  test::PostgresServer postgres;
  list(table, effort, count, "PostgreSQL", postgres.make_database());
}

}  // namespace berth::bench
