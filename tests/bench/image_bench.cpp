// SPDX-License-Identifier: Apache-2.0
#include <berth/package.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "bench/benches.h"
#include "bench/load.h"
#include "hosting/package.h"
#include "image_classifier/classifier.h"
#include "support/server_process.h"

namespace berth::bench {

namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kConcurrency = 4;

// The bare loop: as many threads as the server has workers, each with a classifier of its own, classifying the same
// file over and over. No server, no process, no wire.
class BareLoop {
 public:
  BareLoop(const Package& package, std::string image) : image_(std::move(image)) {
    for (auto& thread : threads_) thread = std::jthread([this, &package] { work(package); });
    wait_for_workers();
  }
  ~BareLoop() {
    {
      std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
  }

  // Images a second, over `duration`.
  double run(std::chrono::milliseconds duration) {
    const auto started = std::chrono::steady_clock::now();
    {
      std::lock_guard lock(mutex_);
      count_ = 0;
      idle_ = 0;
      deadline_ = started + duration;
      ++round_;
    }
    changed_.notify_all();
    wait_for_workers();
    return static_cast<double>(count_) /
           std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  }

 private:
  void wait_for_workers() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return idle_ == kThreads; });
  }

  void work(const Package& package) {
    image_classifier::Classifier classifier(image_classifier::read_package_config(package));
    classifier.warm();
    const image_classifier::Image image{"image", image_};
    int seen = 0;
    while (true) {
      std::unique_lock lock(mutex_);
      ++idle_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return over_ || round_ != seen; });
      if (over_) return;
      seen = round_;
      const auto deadline = deadline_;
      lock.unlock();
      while (std::chrono::steady_clock::now() < deadline) {
        if (!classifier.classify(std::span(&image, 1)).front().error) ++count_;
      }
    }
  }

  std::string image_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t idle_ = 0;
  int round_ = 0;
  bool over_ = false;
  std::chrono::steady_clock::time_point deadline_;
  std::atomic<std::size_t> count_ = 0;
  std::array<std::jthread, kThreads> threads_;
};

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
  const Package package(name, "1", folder, Json::parse(*config));
  BareLoop bare(package, image);

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
