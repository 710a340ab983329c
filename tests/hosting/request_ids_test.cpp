// SPDX-License-Identifier: Apache-2.0
// What the log says of a call carries its request's id.
#include <gmock/gmock.h>
#include <signal.h>

#include "hosting/house.h"
#include "support/recent_log.h"

namespace berth::hosting {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class RequestIds : public testing::Test {
 protected:
  RequestIds() {
    test::keep_log();
    house_.report_crashes();
    house_.load({"talker"});
  }
  Outcome call(const std::string& id, const std::string& args) {
    Call call;
    call.request_id = id;
    call.args_json = args;
    return wait(submit(house_.model("talker"), std::move(call)));
  }
  // Once it is there.
  static std::string line_with(std::string_view part) {
    eventually([&] { return !test::log_line_with(part).empty(); });
    return test::log_line_with(part);
  }
  static auto has_id(const std::string& id) { return HasSubstr(test::request_id_member(id)); }
  static auto is_the_models() { return HasSubstr(R"("model":"talker")"); }

  House house_;
};

std::string says(const std::string& log, const std::string& print, bool die = false) {
  return R"({"count":0,"log":")" + log + R"(","print":")" + print + R"(","die":)" + (die ? "true}" : "false}");
}

TEST_F(RequestIds, StandInWhatAPluginLogs) {
  for (int i = 0; i < 20; ++i) {
    const auto number = std::to_string(i);
    call("id-" + number, says("logged <" + number + ">", ""));
  }
  for (int i = 0; i < 20; ++i) {
    const auto number = std::to_string(i);
    EXPECT_THAT(line_with("logged <" + number + ">"), AllOf(has_id("id-" + number), is_the_models()));
  }
}

TEST_F(RequestIds, StandInWhatAPluginPrints) {
  call("silent", says("", ""));
  call("loud", says("", "printed aloud"));
  EXPECT_THAT(line_with("printed aloud"), AllOf(has_id("loud"), is_the_models()));
  call("silent", says("", ""));
}

TEST_F(RequestIds, OfPrintingCallsInARowAreNeverThoseOfLaterOnesAlone) {
  std::vector<std::future<Outcome>> calls;
  for (int i = 0; i < 20; ++i) {
    Call call;
    call.request_id = "id-" + std::to_string(i) + ".";
    call.args_json = says("", "printed <" + std::to_string(i) + ">");
    calls.push_back(submit(house_.model("talker"), std::move(call)));
  }
  for (auto& call : calls) wait(std::move(call));
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(line_with("printed <" + std::to_string(i) + ">"),
                AnyOf(HasSubstr("id-" + std::to_string(i) + "."), Not(HasSubstr("request_id"))));
  }
}

TEST_F(RequestIds, StandInTheLinesOfAWorkersDeath) {
  EXPECT_FALSE(call("fatal", says("", "last words", true)).output);
  EXPECT_THAT(line_with("its worker ended while serving"), has_id("fatal"));
  EXPECT_THAT(line_with("a worker was lost"), has_id("fatal"));
  EXPECT_THAT(line_with("last words"), has_id("fatal"));
  EXPECT_THAT(line_with(": SIGABRT"), AllOf(HasSubstr(R"("message":"crash report )"), has_id("fatal")));
}

TEST_F(RequestIds, AreNotThoseOfThePastWhereAnIdleWorkerEnds) {
  EXPECT_TRUE(call("over", says("", "")).output);
  ::kill(house_.model("talker")->status().workers.at(0).pid, SIGKILL);
  EXPECT_THAT(line_with("its worker ended"), AllOf(HasSubstr("signal 9"), Not(HasSubstr("request_id"))));
}

TEST(RequestIdsOfABatch, StandTogether) {
  test::keep_log();
  House house;
  house.serving.max_batch = 2;
  house.serving.max_batch_delay = 60s;  // nothing leaves before two are there
  house.load({"large"});
  std::vector<std::future<Outcome>> calls;
  for (const auto* n : {"1", "666"}) {
    Call call;
    call.request_id = std::string("id-") + n;
    call.args_json = std::string("{\"n\":") + n + "}";
    calls.push_back(submit(house.model("large"), std::move(call)));
  }
  for (auto& call : calls) wait(std::move(call));
  EXPECT_THAT(log::recent(), HasSubstr(R"("request_id":"id-1,id-666","message":"a worker was lost)"));
}

}  // namespace
}  // namespace berth::hosting
