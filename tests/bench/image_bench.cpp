// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "bench/bare_loop.h"
#include "bench/benches.h"
#include "bench/load.h"
#include "hosting/package.h"
#include "support/server_process.h"

namespace berth::bench {

namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::size_t kConcurrency = 4;

void compare(Table& table, const Effort& effort, const std::string& name, const std::filesystem::path& models,
             const std::string& image, const char* bar) {
  const auto folder = models / name / "1";
  if (!std::filesystem::exists(folder / "model.yaml")) {
    std::fprintf(stderr, "%s is not there: left out\n", folder.c_str());
    return;
  }
  const test::ServerProcess server({.plugins = {std::string(BERTH_PLUGINS_DIR) + "/image_classifier.so"},
                                    .models_dir = models,
                                    .config = "defaults:\n  workers: 2\n  threads_per_worker: 1\n"});
  const auto [body, type] =
      test::multipart({{.name = "data", .content = image, .file_name = "image", .content_type = "image/png"}});
  const auto request =
      test::HttpClient::format("POST", "/v2/models/" + name + "/predict", {{"Content-Type", type}}, body);
  const auto config = hosting::yaml_to_json(test::read_file(folder / "model.yaml"));
  if (!config) return;
  BareLoop bare(kWorkers, folder, *config, image);

  std::vector<double> served, looped;
  const std::chrono::milliseconds time{effort.round_ms * 2};
  for (int round = 0; round < effort.rounds; ++round) {
    looped.push_back(bare.run(time));
    served.push_back(run_load(server.port(), request, kConcurrency, time).per_second());
  }
  table.add({name + " over HTTP against a bare loop, concurrency 4, images", with_unit(median(served), 1, "/s"),
             with_unit(median(looped), 1, "/s"), with_unit(median(served) / median(looped), 3, ""), bar});
}

}  // namespace

void bench_images(Table& table, const Effort& effort) {
  const std::filesystem::path shipped = BERTH_MODELS_DIR;
  compare(table, effort, "digits", shipped, test::read_file(shipped / "digits" / "samples" / "digit-3.png"), "");
  const std::filesystem::path made = std::filesystem::path(BERTH_BENCH_DIR) / "models";
  compare(table, effort, "resnet18", made, test::read_file(made / "photo.jpg"), "≥ 0.90");
}

}  // namespace berth::bench
