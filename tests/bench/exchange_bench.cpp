// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <thread>

#include "bench/benches.h"
#include "bench/load.h"
#include "support/server_process.h"

namespace berth::bench {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kSettle = 500ms;  // what server.watch_settle is where nobody sets it

struct Case {
  std::string what;
  std::string model;
  std::string library;  // file
  fs::path package;     // copied, so that it can be exchanged; "" = the model needs none
  std::string request;
  std::size_t connections;
  double per_second;                // 0: as many as there are answers
  std::chrono::milliseconds pause;  // from one exchange to the next; 0: without a pause
  const char* bar;
};

// One server whose model is exchanged for a copy of itself, again and again.
class Exchanged {
 public:
  explicit Exchanged(const Case& what)
      : library_(what.library), target_(server_.folder() / "plugins" / fs::path(what.library).filename()) {
    load_target_ = "/v2/repository/models/" + what.model + "/load";
    if (!what.package.empty()) {
      package_ = server_.folder() / "models" / what.model / "1";
      fs::create_directories(package_);
      fs::copy(what.package, package_, fs::copy_options::recursive);
    }
    exchange();
  }

  // New code, then a changed package, in turns; returns when it serves.
  void exchange() {
    const bool is_code = package_.empty() || count_ % 2 == 0;
    const auto from = is_code ? fs::path(library_) : package_ / "model.yaml";
    const auto beside = server_.folder() / ".new";
    fs::copy_file(from, beside, fs::copy_options::overwrite_existing);
    fs::rename(beside, is_code ? target_ : from);
    const auto answer = client_.send("POST", load_target_);
    if (answer.status != 200) std::fprintf(stderr, "%s: %s\n", load_target_.c_str(), answer.body.c_str());
    ++count_;
  }

  int count() const { return count_; }
  std::uint16_t port() const { return server_.port(); }

 private:
  // Not watched: what is exchanged is looked at when it is asked for, and so the next one can follow at once.
  const test::ServerProcess server_{{.config = "server: {watch_settle: 0}\ndefaults: {records: off}\n"}};
  test::HttpClient client_ = server_.admin();
  std::string library_, load_target_;
  fs::path target_, package_;
  int count_ = 0;
};

void compare(Table& table, const Effort& effort, const Case& what) {
  Exchanged server(what);
  const std::chrono::milliseconds time{effort.round_ms * 3};
  const auto load = [&] { return run_load(server.port(), what.request, what.connections, time, what.per_second); };
  load();  // warm
  std::vector<double> steady, exchanging, ratios, steady_p50, exchanging_p50;
  std::size_t failures = 0;
  const int before = server.count();
  double seconds = 0;
  for (int round = 0; round < effort.rounds; ++round) {
    const auto calm = load();
    LoadResult busy;
    {
      const std::jthread exchanges([&server, &what](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          server.exchange();
          std::this_thread::sleep_for(what.pause);
        }
      });
      busy = load();
    }
    seconds += busy.seconds;
    failures += calm.failures + busy.failures;
    steady.push_back(quantile(calm.microseconds, 0.99));
    exchanging.push_back(quantile(busy.microseconds, 0.99));
    steady_p50.push_back(median(calm.microseconds));
    exchanging_p50.push_back(median(busy.microseconds));
    ratios.push_back(exchanging.back() / steady.back());
  }
  std::fprintf(stderr, "%s: %.1f exchanges a second, %zu calls failed; p99 ratios", what.what.c_str(),
               (server.count() - before) / seconds, failures);
  for (const auto ratio : ratios) std::fprintf(stderr, " %.2f", ratio);
  std::fputs("\n", stderr);
  table.add({what.what + ", p50", with_unit(median(exchanging_p50), 0, "µs"), with_unit(median(steady_p50), 0, "µs"),
             with_unit(median(exchanging_p50) / median(steady_p50), 2, ""), ""});
  table.add({"the same, p99", with_unit(median(exchanging), 0, "µs"), with_unit(median(steady), 0, "µs"),
             with_unit(median(exchanging) / median(steady), 2, ""), what.bar});
}

}  // namespace

void bench_exchange(Table& table, const Effort& effort) {
  const auto echo = test::HttpClient::format("POST", "/v2/models/echo/predict", {{"Content-Type", "application/json"}},
                                             R"({"text":"hello"})");
  const std::string echo_library = std::string(BERTH_FAKES_DIR) + "/echo.so";
  constexpr const char* kBar = "≤ 1.5";
  compare(table, effort,
          {"echo exchanged every half second, 1000 calls/s", "echo", echo_library, {}, echo, 4, 1000, kSettle, kBar});
  compare(table, effort,
          {"echo exchanged without a pause, 1000 calls/s", "echo", echo_library, {}, echo, 4, 1000, 0ms, ""});
#ifdef BERTH_BENCH_IMAGES
  const fs::path digits = fs::path(BERTH_MODELS_DIR) / "digits";
  const auto [body, type] = test::multipart({{.name = "data",
                                              .content = test::read_file(digits / "samples" / "digit-3.png"),
                                              .file_name = "image",
                                              .content_type = "image/png"}});
  const auto image = test::HttpClient::format("POST", "/v2/models/digits/predict", {{"Content-Type", type}}, body);
  const std::string classifier = std::string(BERTH_PLUGINS_DIR) + "/image_classifier.so";
  const auto compare_digits = [&](const std::string& load, double per_second) {
    const Case often{"digits exchanged every half second, " + load,
                     "digits",
                     classifier,
                     digits / "1",
                     image,
                     4,
                     per_second,
                     kSettle,
                     kBar};
    compare(table, effort, often);
    auto always = often;
    always.what = "digits exchanged without a pause, " + load;
    always.pause = 0ms;
    always.bar = "";
    compare(table, effort, always);
  };
  compare_digits("500 calls/s", 500);
  compare_digits("4 connections that never pause", 0);
#endif
}

}  // namespace berth::bench
