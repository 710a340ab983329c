// SPDX-License-Identifier: Apache-2.0
// OnDisk: a house with one model whose code and weights come and go while it is served.
#pragma once

#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <string_view>

#include "base/json.h"
#include "hosting/house.h"

namespace berth::hosting {

class OnDisk : public testing::Test {
 protected:
  OnDisk() { house_.options.settle = 20ms; }

  static std::filesystem::path build(char code) {
    return std::filesystem::path(BERTH_FAKES_DIR) / (std::string("swapper_") + code + ".so");
  }
  // As a package manager does it.
  void put_code(char code) {
    const auto beside = house_.folder / ".new", target = house_.folder / "plugins/swapper.so";
    std::filesystem::copy_file(build(code), beside, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(beside, target);
  }
  void overwrite_code(char code) {
    std::ofstream(house_.folder / "plugins/swapper.so", std::ios::binary) << test::read_file(build(code));
  }
  void put_version(const std::string& version, const std::string& weights, const std::string& yaml = "") {
    const auto beside = house_.folder / "beside" / version, target = house_.folder / "models/birds" / version;
    house_.folder.write("beside/" + version + "/model.yaml", "plugin: swapper\n" + yaml);
    house_.folder.write("beside/" + version + "/weights.txt", weights);
    std::filesystem::create_directories(target.parent_path());
    std::filesystem::rename(beside, target);
  }
  void load() {
    put_code('a');
    put_version("1", "first");
    house_.load();
  }

  std::string answer(std::string_view version = {}) {
    const auto found = house_.registry->find("birds", version);
    return found ? body(ask(*found, "{}")) : "none: " + found.error().message;
  }
  std::string now(std::string_view key) {
    const auto document = json::parse(answer());
    if (!document) return answer();
    const auto* value = json::find(*document, key);
    return value != nullptr ? std::string(json::view(*value)) : answer();
  }
  bool becomes(std::string_view key, const std::string& value) {
    return eventually([&] { return now(key) == value; });
  }
  State state(std::string_view version) {
    for (const auto& listed : house_.registry->list()) {
      if (listed.name == "birds" && listed.version == version) return listed.status.state;
    }
    return State::draining;  // not listed
  }
  Result<> decide(const std::string& rollout) {
    std::promise<Result<>> told;
    house_.registry->change_rollout(
        "birds", [&](const Rollout& before) { return read_rollout(rollout, before); },
        [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }
  Result<> go_back() {
    std::promise<Result<>> told;
    house_.registry->change_rollout(
        "birds",
        [](const Rollout& rollout) -> Result<Rollout> {
          auto back = rollout;
          if (auto rolled = roll_back(back); !rolled) return tl::unexpected<Error>(rolled.error());
          return back;
        },
        [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }
  Result<> load_again(const std::string& name = "birds") {
    std::promise<Result<>> told;
    house_.registry->load(name, [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }
  Result<> unload() {
    std::promise<Result<>> told;
    house_.registry->unload("birds", [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }

  House house_;
};

}  // namespace berth::hosting
