// SPDX-License-Identifier: Apache-2.0
// Prison: the hostile plugin `prisoner` in a worker of its own, and a neighbour that nothing may happen to.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "base/json.h"
#include "hosting/house.h"
#include "worker/confine.h"

namespace berth::hosting {

// Two models of the hostile plugin, in workers of their own, each from its package; and a file that is nobody's.
class Prison : public testing::Test {
 protected:
  Prison() {
    for (const auto* name : {"prisoner", "victim"}) {
      house_.folder.write(std::string("models/") + name + "/1/model.yaml", "plugin: prisoner\n");
      house_.folder.write(std::string("models/") + name + "/1/weights.txt", "weights");
    }
    house_.folder.write("secret.txt", "secret");
  }

  void load() {
    house_.load({"prisoner"});
    model_ = house_.model("prisoner");
    ASSERT_NE(model_, nullptr);
  }

  static std::string args(std::string_view act, std::string_view target) {
    return std::string(R"({"act":")").append(act).append(R"(","target":")").append(target).append("\"}");
  }
  std::string text_of(const Outcome& outcome, std::string_view key) const {
    if (!outcome.output) return body(outcome);
    const auto answer = json::parse(outcome.output->body.view());
    return std::string(json::view(*json::find(*answer, key)));
  }
  std::string attempt(std::string_view act, std::string_view target = "") {
    return text_of(ask(model_, args(act, target)), "said");
  }
  std::string in_house(std::string_view path) const { return (house_.folder / path).string(); }
  bool is_whole() {
    return text_of(ask(house_.model("victim"), args("none", "")), "said") == "done" &&
           house_.model("victim")->status().restarts == 0;
  }

  House house_;
  ModelPtr model_;
  const worker::Kernel kernel_ = worker::look_at_kernel();
};

}  // namespace berth::hosting
