// SPDX-License-Identifier: Apache-2.0
// House: a registry with real worker processes, in folders of its own, for one test.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/loop.h"
#include "hosting/crash_reporter.h"
#include "hosting/registry.h"
#include "support/temp_folder.h"

namespace berth::hosting {

using namespace std::chrono_literals;
// Longer than anything here takes, sanitizers included; a test that needs it hangs.
inline constexpr auto kPatience = 60s;

// A loop with a thread, as the network's.
class LoopThread {
 public:
  LoopThread() : loop_(std::move(*Loop::create())), thread_([this] { loop_->run(); }) {}
  ~LoopThread() {
    loop_->stop();
    thread_.join();
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  Loop* get() { return loop_.get(); }

 private:
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

class House {
 public:
  House() {
    std::filesystem::create_directories(folder / "plugins");
    options.worker_program = BERTH_WORKER;
    options.plugins_dirs = {folder / "plugins"};
    options.models_dir = folder / "models";
    options.scratch_dir = folder / "scratch";
    options.rollouts_dir = folder / "rollouts";
    options.settle = 0ms;  // nothing changes behind a test's back
    options.loops = {io.get()};
    options.serving = [this](std::string_view) { return serving; };
    serving.restart_delay_min = 20ms;
  }
  ~House() { registry.reset(); }
  // Not there where it could not be built.
  static std::filesystem::path symbolizer() {
    return std::filesystem::path(BERTH_WORKER).parent_path() / "berth-symbolize";
  }
  // Before load(): deaths are reported, into a folder of the house.
  void report_crashes(bool keep_input = false, CrashStore::Limits limits = {}) {
    auto made = CrashReporter::create({folder / "crashes", limits, keep_input, symbolizer()});
    ASSERT_TRUE(made) << made.error().message;
    options.crashes = std::move(*made);
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  // Puts one of tests/fakes, or of tests/hosting/plugins, where the registry looks.
  void add(const std::string& plugin) {
    const auto name = plugin + ".so";
    const auto fake = std::filesystem::path(BERTH_FAKES_DIR) / name;
    const auto own = std::filesystem::path(BERTH_PLUGINS_DIR) / name;
    std::filesystem::create_symlink(std::filesystem::exists(fake) ? fake : own, folder / "plugins" / name);
  }

  void load() {
    auto made = Registry::create(options);
    ASSERT_TRUE(made) << made.error().message;
    registry = std::move(*made);
    registry->load_all();
  }
  void load(std::initializer_list<std::string> plugins) {
    for (const auto& plugin : plugins) add(plugin);
    load();
  }

  ModelPtr model(std::string_view name) {
    auto found = registry->find(name);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : nullptr;
  }

  Listing listing(std::string_view name, std::string_view version = {}) const {
    for (auto& listed : registry->list()) {
      if (listed.name == name && (version.empty() || listed.version == version)) return listed;
    }
    ADD_FAILURE() << name << " is not listed";
    return {};
  }

  test::TempFolder folder;
  LoopThread io;
  RegistryOptions options;
  ServingOptions serving;
  std::unique_ptr<Registry> registry;
};

inline std::future<Outcome> submit(const ModelPtr& model, Call call) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  model->submit(std::move(call), [promise](Outcome&& outcome) { promise->set_value(std::move(outcome)); });
  return promise->get_future();
}

inline std::future<Outcome> submit(const ModelPtr& model, std::string args_json) {
  Call call;
  call.args_json = std::move(args_json);
  return submit(model, std::move(call));
}

inline Outcome wait(std::future<Outcome> future) {
  if (future.wait_for(kPatience) != std::future_status::ready) return {failure(Code::internal, "NO OUTCOME"), {}, ""};
  return future.get();
}

inline Outcome ask(const ModelPtr& model, std::string args_json) { return wait(submit(model, std::move(args_json))); }

inline std::string body(const Outcome& outcome) {
  return outcome.output ? std::string(outcome.output->body.view())
                        : std::string(to_string(outcome.output.error().code)) + ": " + outcome.output.error().message;
}

// Waits for something that another process or thread brings about.
template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace berth::hosting
