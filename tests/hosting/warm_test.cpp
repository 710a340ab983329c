// SPDX-License-Identifier: Apache-2.0
// A model is warm before anybody is given it.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A house with one model that notes what is done with it.
class Warm : public testing::Test {
 protected:
  Warm() {
    fs::create_directories(notes());
    house_.serving.permissions.write = {notes()};
  }
  fs::path notes() const { return house_.folder / "notes"; }
  void put_version(const std::string& version) const {
    house_.folder.write("models/birds/" + version + "/model.yaml", "plugin: warmer\nnotes: " + notes().string() + "\n");
  }
  // Lets every worker of that version become warm.
  void let_go(const std::string& version) const { house_.folder.write("notes/go-" + version, ""); }
  std::vector<std::string> noted(const std::string& version) const {
    std::vector<std::string> lines;
    std::ifstream file(notes() / version);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  std::string chosen() const {
    const auto found = house_.registry->choose("birds", {}, {});
    return found ? (*found)->source().version : found.error().message;
  }

  House house_;
};

TEST_F(Warm, ComesBeforeTheSelfTestAndTheFirstCall) {
  house_.options.self_test = [](const ModelPtr& model, std::function<void(Result<>)> done) {
    Call call;
    call.args_json = "{}";
    model->submit(std::move(call), [done = std::move(done)](const Outcome&) { done({}); });
  };
  put_version("1");
  let_go("1");
  house_.load({"warmer"});
  EXPECT_THAT(noted("1"), ElementsAre("is made", "warms up", "is warm", "is called"));
  EXPECT_EQ(chosen(), "1");
}

TEST_F(Warm, ComesBeforeAnybodyIsSentToANewVersion) {
  put_version("1");
  let_go("1");
  house_.load({"warmer"});
  put_version("2");
  auto told = std::make_shared<std::promise<Result<>>>();
  house_.registry->load("birds", [told](const Result<>& result) { told->set_value(result); });
  ASSERT_TRUE(eventually([&] { return noted("2").size() == 2; }));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(chosen(), "1");
    EXPECT_EQ(body(ask(house_.model("birds"), "{}")), R"({"version":"1"})");
  }
  const auto unready = house_.registry->find("birds", "2");
  ASSERT_FALSE(unready);
  EXPECT_THAT(unready.error().message, HasSubstr("it is being loaded"));
  EXPECT_EQ(house_.listing("birds", "2").status.state, State::loading);
  EXPECT_THAT(noted("2"), ElementsAre("is made", "warms up"));
  let_go("2");
  ASSERT_TRUE(told->get_future().get());
  EXPECT_EQ(chosen(), "2");
  EXPECT_EQ(body(ask(house_.model("birds"), "{}")), R"({"version":"2"})");
  EXPECT_THAT(noted("2"), ElementsAre("is made", "warms up", "is warm", "is called"));
}

TEST_F(Warm, ComesBeforeTheFirstCallOfAWorkersSuccessor) {
  put_version("1");
  let_go("1");
  house_.load({"warmer"});
  ::kill(house_.model("birds")->status().workers.at(0).pid, SIGKILL);
  EXPECT_EQ(body(ask(house_.model("birds"), "{}")), R"({"version":"1"})");
  EXPECT_THAT(noted("1"), ElementsAre("is made", "warms up", "is warm", "is made", "warms up", "is warm", "is called"));
}

}  // namespace
}  // namespace berth::hosting
